import { strings } from '../strings/index.ts';

export function Send() {
  return <h2>{strings.send.title}</h2>;
}
