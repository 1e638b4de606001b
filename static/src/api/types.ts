import type { components } from './schema.gen.ts';

type Schemas = components['schemas'];
export type Message = Schemas['Message'];
export type MessagePage = Schemas['MessagePage'];
export type MessageDetail = Schemas['MessageDetail'] & {
  duplicates?: { count: number; last_seen_at?: string | null };
  deliveries?: Delivery[];
};
export interface Delivery {
  at: string;
  request_id: string;
  outcome: string;
  peer?: string | null;
  scheme: string;
  key?: string | null;
  acknowledged_in_ms: number;
}
export type Conflict = Schemas['Conflict'];
export type ConflictPage = Schemas['ConflictPage'];
export type Rejection = Schemas['Rejection'];
export type RejectionPage = Schemas['RejectionPage'];
export type Session = Schemas['Session'];
export type Stats = Schemas['Stats'];
export type Problem = Schemas['Problem'];
