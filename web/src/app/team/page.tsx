import { Team } from "../../components/team";

export default function Page() {
  return <Team />;
}
