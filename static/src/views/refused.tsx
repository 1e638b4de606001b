import { strings } from '../strings/index.ts';

export function Refused() {
  return <h2>{strings.refused.title}</h2>;
}
