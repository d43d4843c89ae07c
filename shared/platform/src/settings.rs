//! A function's settings: environment variables that the template sets. None of them is a secret.

/// A setting that the deployment forgot.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the environment variable {0} is not set; infra/template.yaml sets it for every function that needs it")]
pub struct MissingSetting(pub &'static str);

/// The setting `name`.
///
/// # Errors
/// [`MissingSetting`] if it is absent or empty.
pub fn setting(name: &'static str) -> Result<String, MissingSetting> {
    optional_setting(name).ok_or(MissingSetting(name))
}

/// The setting `name`, where a deployment may leave it out or empty.
#[must_use]
pub fn optional_setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
