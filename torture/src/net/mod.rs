//! What a network does to a server: clients that are slow, silent, many, or talk nonsense; more
//! messages than it can store; and the operator who stops it in the middle of all that.

pub mod descriptors;
pub mod idle;
pub mod noise;
pub mod overload;
mod request;
pub mod slow;
pub mod stop;
mod visitor;
