"use client";

import { type FormEvent, useEffect, useState, useSyncExternalStore } from "react";
import { Failure, wordsOf } from "../lib/api";
import { onSessionChange, session, type Session, signOut } from "../lib/session";
import { changeMember, fetchTeam, invite, type Link, linkFor, type Member, ROLES, type Role } from "../lib/team";
import { SignIn } from "./sign-in";
import styles from "./team.module.css";
import { Wordmark } from "./wordmark";

/** Who signs in for the restaurant. */
export function Team() {
  const opened = useSyncExternalStore(onSessionChange, session, () => null);
  const [notice, setNotice] = useState<string | null>(null);
  if (opened === null) {
    return <SignIn notice={notice} />;
  }
  const leave = (why: string) => {
    setNotice(why);
    signOut();
  };
  return <Members key={opened.token} session={opened} onLeave={leave} />;
}

function Members({ session, onLeave }: { session: Session; onLeave: (why: string) => void }) {
  const [members, setMembers] = useState<Member[] | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [handover, setHandover] = useState<{ email: string; link: Link } | null>(null);
  const isOwner = members?.some((member) => member.email === session.email && member.role === "owner") ?? false;

  /** Does what was asked, then shows the team as it is now. */
  async function act(work: () => Promise<void>) {
    setFailure(null);
    try {
      await work();
      setMembers(await fetchTeam(session));
    } catch (error) {
      if (error instanceof Failure && error.signedOut) {
        onLeave(error.message);
        return;
      }
      setFailure(wordsOf(error));
    }
  }

  useEffect(() => {
    void act(async () => {});
  }, [session]); // `act` is new with each render; only another session has another team

  function add(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const fields = new FormData(form);
    const email = String(fields.get("email")).trim();
    void act(async () => {
      setHandover({ email, link: await invite(session, email, String(fields.get("role")) as Role) });
      form.reset();
    });
  }

  const forgot = (member: Member) =>
    void act(async () => setHandover({ email: member.email, link: await linkFor(session, member.id) }));

  return (
    <div className={styles.page}>
      <header className={styles.header}>
        <Wordmark />
        <a href="/">Your forecasts</a>
      </header>
      <main aria-busy={members === null && failure === null}>
        <h1>Your team</h1>
        <p className={styles.lead}>
          Who signs in for your restaurant. Everybody sees the forecasts; owners also change the team.
        </p>
        <div role="alert">{failure && <p className="failure">{failure}</p>}</div>
        {handover && <Handover {...handover} onDone={() => setHandover(null)} />}
        <ul className={styles.members}>
          {members?.map((member) => (
            <li key={member.id} data-member={member.email} className={member.active ? undefined : styles.gone}>
              <span className={styles.who}>
                {member.email}
                {!member.active && <small>cannot sign in any more</small>}
              </span>
              {isOwner ? (
                <>
                  <select
                    aria-label={`Role of ${member.email}`}
                    value={member.role}
                    onChange={(event) => {
                      const role = event.target.value as Role;
                      void act(() => changeMember(session, member.id, { role }));
                    }}
                  >
                    {ROLES.map((role) => (
                      <option key={role}>{role}</option>
                    ))}
                  </select>
                  {member.active && (
                    <button type="button" className="quiet" onClick={() => forgot(member)}>
                      Link for a new password
                    </button>
                  )}
                  <button
                    type="button"
                    className="quiet"
                    onClick={() => void act(() => changeMember(session, member.id, { active: !member.active }))}
                  >
                    {member.active ? "Let go" : "Let sign in again"}
                  </button>
                </>
              ) : (
                <span>{member.role}</span>
              )}
            </li>
          ))}
        </ul>
        {isOwner && (
          <form className={styles.invite} method="post" onSubmit={add} aria-labelledby="invite">
            <h2 id="invite">Invite somebody</h2>
            <label>
              Email
              <input name="email" type="email" required />
            </label>
            <label>
              Role
              <select name="role" defaultValue="chef">
                {ROLES.map((role) => (
                  <option key={role}>{role}</option>
                ))}
              </select>
            </label>
            <button type="submit">Invite</button>
          </form>
        )}
      </main>
    </div>
  );
}

function Handover({ email, link, onDone }: { email: string; link: Link; onDone: () => void }) {
  const address = `${window.location.origin}/password#${link.token}`;
  return (
    <section className={styles.handover} aria-label="A link to hand over">
      <p>
        Give this link to <strong>{email}</strong> alone: whoever opens it chooses the password. It works once, until{" "}
        {new Date(link.expiresAt).toLocaleString("en-US", { dateStyle: "medium", timeStyle: "short" })}, and is shown
        only now.
      </p>
      <input aria-label="Link" readOnly value={address} onFocus={(event) => event.target.select()} />
      <button type="button" onClick={() => void navigator.clipboard.writeText(address)}>
        Copy
      </button>
      <button type="button" className="quiet" onClick={onDone}>
        Done
      </button>
    </section>
  );
}
