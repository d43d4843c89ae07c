//! Values that must not be read over a shoulder: they print as `***`, and only code that asks for them by name sees them.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

/// A credential: an API key, a token, a signing key. Doesn't serialise.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret<T>(T);

impl<T> Secret<T> {
    /// Takes a value that is never to be printed; `Debug` writes `***`.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value, for the one who must show it to its owner.
    pub const fn reveal(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl<T> fmt::Display for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Something about a person. Serialises as it is, because the customer table keeps it.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Personal<T>(T);

/// What can't be read isn't quoted: errors are logged.
impl<'de, T: Deserialize<'de>> Deserialize<'de> for Personal<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let read = T::deserialize(deserializer).map(Self);
        read.map_err(|_| serde::de::Error::custom("it tells of a person, and is not what it should be"))
    }
}

impl<T> Personal<T> {
    /// Takes what tells of a person: it prints as `***`, and serialises as it is.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value, for the customer table and for nobody else.
    pub const fn reveal(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Personal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl<T> fmt::Display for Personal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_prints_what_it_holds() {
        assert_eq!(format!("{:?} {}", Secret::new("key"), Secret::new("key")), "*** ***");
        assert_eq!(format!("{:?} {}", Personal::new("+7 700"), Personal::new("+7 700")), "*** ***");
    }
}
