import type { components } from './schema.gen.ts';

type Schemas = components['schemas'];
export type Message = Schemas['Message'];
export type MessagePage = Schemas['MessagePage'];
export type MessageDetail = Schemas['MessageDetail'];
export type Delivery = Schemas['Delivery'];
export type Conflict = Schemas['Conflict'];
export type ConflictPage = Schemas['ConflictPage'];
export type Rejection = Schemas['Rejection'];
export type RejectionPage = Schemas['RejectionPage'];
export type Session = Schemas['Session'];
export type Stats = Schemas['Stats'];
export type Problem = Schemas['Problem'];
