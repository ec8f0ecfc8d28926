"use client";

import { useState, useSyncExternalStore } from "react";
import { onSessionChange, session, signOut } from "../lib/session";
import { Forecasts } from "./forecasts";
import { SignIn } from "./sign-in";

/** The page: sign in, then the coming days. */
export function Home() {
  const opened = useSyncExternalStore(onSessionChange, session, () => null);
  const [notice, setNotice] = useState<string | null>(null);

  if (opened === null) {
    return <SignIn notice={notice} />;
  }
  const leave = (why: string | null) => {
    setNotice(why);
    signOut();
  };
  return <Forecasts key={opened.token} session={opened} onLeave={leave} />;
}
