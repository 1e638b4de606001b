//! JSON taken apart, with every scalar as it was written, and written again with other white space.

use super::{
    MAX_BYTES,
    spelling::{decoded, string_end},
};

/// Nothing longer is written, in bytes: white space could make any length of a deep nesting.
pub const MAX_WRITTEN: usize = 4 * MAX_BYTES;

/// How deep a body may be nested that is taken apart.
const MAX_DEPTH: usize = 64;

/// How much white space there is.
#[derive(Debug, Clone, Copy)]
pub enum Layout {
    Compact,
    /// As Python's `json.dumps` writes.
    Spaced,
    Indented(usize),
}

/// A value; scalars and names of members are as they were written.
pub enum Node<'a> {
    Scalar(&'a str),
    Array(Vec<Node<'a>>),
    Object(Vec<(&'a str, Node<'a>)>),
}

/// Takes apart what is known to be well-formed.
pub fn parse(text: &str) -> Option<Node<'_>> {
    Reader { rest: text }.value(MAX_DEPTH)
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    /// `None` if it is nested deeper than `depth`.
    fn value(&mut self, depth: usize) -> Option<Node<'a>> {
        let within = depth.checked_sub(1);
        match self.peek()? {
            b'{' => {
                let mut members = Vec::new();
                self.skip();
                while self.peek()? != b'}' {
                    let name = self.scalar()?;
                    self.peek()?;
                    self.skip();
                    members.push((name, self.value(within?)?));
                    self.separator()?;
                }
                self.skip();
                Some(Node::Object(members))
            }
            b'[' => {
                let mut items = Vec::new();
                self.skip();
                while self.peek()? != b']' {
                    items.push(self.value(within?)?);
                    self.separator()?;
                }
                self.skip();
                Some(Node::Array(items))
            }
            _ => self.scalar().map(Node::Scalar),
        }
    }

    /// The next byte that is no white space.
    fn peek(&mut self) -> Option<u8> {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
        self.rest.bytes().next()
    }

    /// Skips a byte that was peeked at.
    fn skip(&mut self) {
        self.rest = self.rest.get(1..).unwrap_or_default();
    }

    fn separator(&mut self) -> Option<()> {
        if self.peek()? == b',' {
            self.skip();
        }
        Some(())
    }

    fn scalar(&mut self) -> Option<&'a str> {
        let end = if self.peek()? == b'"' {
            string_end(self.rest)?
        } else {
            let ends = |c| matches!(c, ',' | ':' | ']' | '}' | ' ' | '\t' | '\n' | '\r');
            self.rest.find(ends).unwrap_or(self.rest.len())
        };
        let (scalar, rest) = self.rest.split_at(end);
        self.rest = rest;
        // What is not well-formed would not end.
        (!scalar.is_empty()).then_some(scalar)
    }
}

impl Node<'_> {
    /// With the members of every object in the order of their names.
    pub fn sorted(self) -> Self {
        match self {
            Self::Scalar(_) => self,
            Self::Array(items) => Self::Array(items.into_iter().map(Self::sorted).collect()),
            Self::Object(members) => {
                let members = members.into_iter();
                let mut members: Vec<_> = members
                    .map(|(name, value)| (name, value.sorted()))
                    .collect();
                members.sort_by_cached_key(|(name, _)| decoded(name));
                Self::Object(members)
            }
        }
    }

    /// `None` if it is too long to be what was signed.
    pub fn written(&self, layout: Layout) -> Option<String> {
        let mut text = String::new();
        self.write(layout, 0, &mut text);
        (text.len() <= MAX_WRITTEN).then_some(text)
    }

    fn write(&self, layout: Layout, depth: usize, to: &mut String) {
        match self {
            Self::Scalar(text) => to.push_str(text),
            Self::Array(items) => {
                let items = items.iter().map(|item| (None, item));
                write_all(items, ['[', ']'], layout, depth, to);
            }
            Self::Object(members) => {
                let members = members.iter().map(|(name, value)| (Some(*name), value));
                write_all(members, ['{', '}'], layout, depth, to);
            }
        }
    }
}

fn write_all<'a>(
    items: impl Iterator<Item = (Option<&'a str>, &'a Node<'a>)>,
    [open, close]: [char; 2],
    layout: Layout,
    depth: usize,
    to: &mut String,
) {
    to.push(open);
    let mut empty = true;
    for (name, value) in items {
        if to.len() > MAX_WRITTEN {
            return;
        }
        if !empty {
            to.push(',');
            if matches!(layout, Layout::Spaced) {
                to.push(' ');
            }
        }
        empty = false;
        new_line(layout, depth + 1, to);
        if let Some(name) = name {
            to.push_str(name);
            to.push(':');
            if !matches!(layout, Layout::Compact) {
                to.push(' ');
            }
        }
        value.write(layout, depth + 1, to);
    }
    if !empty {
        new_line(layout, depth, to);
    }
    to.push(close);
}

fn new_line(layout: Layout, depth: usize, to: &mut String) {
    if let Layout::Indented(width) = layout {
        to.push('\n');
        to.extend(std::iter::repeat_n(' ', width * depth));
    }
}
