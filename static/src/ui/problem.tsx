import type { Failure } from '../api/failure.ts';
import { strings } from '../strings/index.ts';
import { Icon } from './icon.tsx';
import type { ComponentChildren } from 'preact';

/** A problem document for people: title, detail, and what was wrong with which field. */
export function ProblemBox({ failure, children }: { failure: Failure; children?: ComponentChildren }) {
  return (
    <div class="notice problem">
      <Icon name={failure.status === 0 ? 'offline' : 'warning'} />
      <div class="notice-body">
        <p class="notice-title">
          {failure.title}
          {failure.status > 0 && <span class="tag">{strings.failure.status(failure.status)}</span>}
        </p>
        {/* One fault is not said twice. */}
        {failure.detail && failure.fields.length !== 1 && <p>{failure.detail}</p>}
        {failure.fields.length > 0 && (
          <ul>
            {failure.fields.map((field) => (
              <li>
                <code>{field.pointer === '#' ? strings.failure.whole : field.pointer}</code> {field.detail}
              </li>
            ))}
          </ul>
        )}
        {children}
      </div>
    </div>
  );
}
