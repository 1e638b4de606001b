import { strings } from '../strings/index.ts';

export function Overview() {
  return <h2>{strings.overview.title}</h2>;
}
