use std::{error::Error, fmt};

/// An error and all that caused it, in one line: for the operator's log.
#[derive(Clone, Copy)]
pub struct CauseChain<'a>(pub &'a (dyn Error + 'a));

impl fmt::Display for CauseChain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut said = self.0.to_string();
        f.write_str(&said)?;
        let mut source = self.0.source();
        while let Some(cause) = source {
            let line = cause.to_string();
            // Some libraries repeat their source at the end of their own message.
            if !said.ends_with(&line) {
                write!(f, ": {line}")?;
            }
            said = line;
            source = cause.source();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::CauseChain;
    use crate::RepositoryError;

    #[test]
    fn names_every_cause_once() {
        let cause = std::io::Error::other("disk on fire");
        let error = RepositoryError::Unavailable(cause.into());
        assert_eq!(
            CauseChain(&error).to_string(),
            "the store is unavailable: disk on fire"
        );
    }
}
