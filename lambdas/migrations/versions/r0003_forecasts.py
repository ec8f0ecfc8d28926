"""What will be sold: a nightly run for each restaurant, and its forecasts."""

from alembic import op

from migrations.phases import refuse

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the tables."""
    op.execute("""
        CREATE TABLE forecast_runs (
            restaurant_id uuid NOT NULL REFERENCES restaurants (id),
            -- The first day that the run forecasts; a run that is repeated replaces itself.
            business_date date NOT NULL,
            model_version text NOT NULL CHECK (length(model_version) BETWEEN 1 AND 200),
            finished_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (restaurant_id, business_date)
        );
        ALTER TABLE forecast_runs ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
        CREATE POLICY tenant ON forecast_runs
            USING (restaurant_id = NULLIF(current_setting('app.restaurant_id', true), '')::uuid)
            WITH CHECK (restaurant_id = NULLIF(current_setting('app.restaurant_id', true), '')::uuid);
        GRANT SELECT, INSERT, UPDATE (model_version, finished_at) ON forecast_runs TO flux_app;
    """)
    op.execute("""
        CREATE TABLE forecasts (
            restaurant_id uuid NOT NULL,
            -- The day that is forecast, in the restaurant's timezone.
            date date NOT NULL,
            menu_item_id uuid NOT NULL,
            business_date date NOT NULL,
            -- Sold units that day, and the interval that the model gives for them.
            quantity numeric(12, 3) NOT NULL,
            lower numeric(12, 3) NOT NULL,
            upper numeric(12, 3) NOT NULL,
            -- How much each cause moves the quantity, like {"weekday": 3.5}.
            drivers jsonb NOT NULL CHECK (jsonb_typeof(drivers) = 'object'),
            -- In the order in which they are read: a span of days, by dish, the newest run of each.
            PRIMARY KEY (restaurant_id, date, menu_item_id, business_date),
            FOREIGN KEY (restaurant_id, business_date) REFERENCES forecast_runs (restaurant_id, business_date),
            FOREIGN KEY (restaurant_id, menu_item_id) REFERENCES menu_items (restaurant_id, id),
            CHECK (date >= business_date),
            CHECK (0 <= lower AND lower <= quantity AND quantity <= upper AND upper < 'Infinity')
        );
        CREATE INDEX forecasts_by_run ON forecasts (restaurant_id, business_date);
        ALTER TABLE forecasts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
        CREATE POLICY tenant ON forecasts
            USING (restaurant_id = NULLIF(current_setting('app.restaurant_id', true), '')::uuid)
            WITH CHECK (restaurant_id = NULLIF(current_setting('app.restaurant_id', true), '')::uuid);
        -- A repeated run replaces its forecasts, hence DELETE and no UPDATE.
        GRANT SELECT, INSERT, DELETE ON forecasts TO flux_app;
    """)


def downgrade() -> None:
    """Refuse: this is one of the revisions that made the first tables."""
    refuse("a downgrade would delete restaurants' forecasts")
