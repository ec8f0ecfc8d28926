import { Password } from "../../components/password";

export default function Page() {
  return <Password />;
}
