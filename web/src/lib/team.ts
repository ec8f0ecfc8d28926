/** A restaurant's team, as the API has it. */

import { answerOf } from "./api";
import type { Session } from "./session";

export const ROLES = ["owner", "manager", "chef"] as const;
export type Role = (typeof ROLES)[number];

export type Member = { id: string; email: string; role: Role; active: boolean };

/** What is behind `/password#` for a member, told once. */
export type Link = { token: string; expiresAt: string };

export async function fetchTeam(session: Session): Promise<Member[]> {
  return ((await answerOf(session, "GET", "team")) as { items: Member[] }).items;
}

export async function invite(session: Session, email: string, role: Role): Promise<Link> {
  const { link } = (await answerOf(session, "POST", "team", { email, role })) as { link: Answered };
  return read(link);
}

export async function changeMember(session: Session, id: string, change: { role?: Role; active?: boolean }): Promise<void> {
  await answerOf(session, "PATCH", `team/${id}`, change);
}

export async function linkFor(session: Session, id: string): Promise<Link> {
  return read((await answerOf(session, "POST", `team/${id}/password-link`)) as Answered);
}

type Answered = { token: string; expires_at: string };

const read = ({ token, expires_at }: Answered): Link => ({ token, expiresAt: expires_at });
