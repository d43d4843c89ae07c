//! `edin import`: files of connections, goods and stock, into a deployment.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail, ensure};
use edin_catalogue::{Importer, Refused, Report, Taken, Words};
use edin_domain::Secret;
use edin_local::import::take_in_by;
use edin_local::state::is_begun;
use edin_platform::{Clock, SystemClock};

use crate::deployment::Deployment;
use crate::deployment::scratch::Scratch;
use crate::output::say;
use crate::settings::{Import, Settings};

/// What is said of the words of the files.
///
/// # Errors
/// If it can't be understood, or the file of errors would be one of the files.
pub(super) fn words(wanted: &Import) -> anyhow::Result<Arc<Words>> {
    let mut words = Words::default();
    if let Some(file) = &wanted.map_file {
        let text = std::fs::read_to_string(file).with_context(|| format!("{} can not be read", file.display()))?;
        words.read(&text).with_context(|| file.display().to_string())?;
    }
    for pair in &wanted.maps {
        words.add(pair).context("--map")?;
    }
    if let Some(errors) = &wanted.errors {
        let is_one = wanted.files.iter().any(|file| is_same(file, errors));
        ensure!(!is_one, "--errors {} is one of the files to import; name another one", errors.display());
    }
    Ok(Arc::new(words))
}

fn is_same(one: &Path, other: &Path) -> bool {
    one == other || one.canonicalize().ok().is_some_and(|one| other.canonicalize().is_ok_and(|other| one == other))
}

/// Takes them in, and says what came of it.
pub(super) async fn import(deployment: &Deployment, wanted: &Import, words: &Arc<Words>) -> anyhow::Result<()> {
    deployment.keep(BTreeMap::new()).await?;
    let keep = async |secrets| deployment.keep(secrets).await;
    let reports = take_in(deployment, wanted, words, keep).await?;
    tell(wanted, &reports)?;
    match lines(&reports) {
        0 => Ok(()),
        1 => bail!("1 line was not imported; mend it and import the file again"),
        count => bail!("{count} lines were not imported; mend them and import the file again"),
    }
}

/// Takes them into a copy, and says what would come of it: by the very code that would do it.
pub(super) async fn try_out(settings: &Settings, wanted: &Import, words: &Arc<Words>) -> anyhow::Result<()> {
    if settings.stack.is_none() && !is_begun(&settings.state) {
        say(&format!("there is no Edin in {} yet: all of it would be new", settings.state.display()))?;
    }
    let scratch = Scratch::of(settings).await?;
    let reports = take_in(&scratch.deployment, wanted, words, async |_| Ok(())).await?;
    tell(wanted, &reports)?;
    say("nothing was written: this is what the import would come to")?;
    match lines(&reports) {
        0 => Ok(()),
        1 => bail!("1 line would not be imported"),
        count => bail!("{count} lines would not be imported"),
    }
}

async fn take_in(
    deployment: &Deployment,
    wanted: &Import,
    words: &Arc<Words>,
    keep: impl AsyncFn(BTreeMap<String, Secret<String>>) -> anyhow::Result<()>,
) -> anyhow::Result<Vec<Report>> {
    let (inbox, deferred) = (deployment.queue("inbox")?, deployment.queue("deferred")?);
    let taken = if wanted.moves { Taken::Moves } else { Taken::Stays };
    let now = SystemClock.now();
    let importer = Importer { store: &deployment.store, inbox: &inbox, deferred: &deferred, taken, now };
    take_in_by(&importer, words, &wanted.files, keep).await
}

fn tell(wanted: &Import, reports: &[Report]) -> anyhow::Result<()> {
    for report in reports {
        say(&report.to_string())?;
        report.errors.iter().try_for_each(|error| say(&error.to_string()))?;
    }
    wanted.errors.as_ref().map_or(Ok(()), |errors| hand_back(errors, reports))
}

/// How many lines have something wrong, or files as a whole.
fn lines(reports: &[Report]) -> usize {
    let errors = reports.iter().flat_map(|report| &report.errors);
    let (of_lines, of_files): (Vec<_>, Vec<_>) = errors.partition(|error| error.line.is_some());
    of_lines.iter().map(|error| (&error.file, error.line)).collect::<BTreeSet<_>>().len() + of_files.len()
}

/// Writes the lines that were not taken: those of one file into `to`, those of others beside it.
fn hand_back(to: &Path, reports: &[Report]) -> anyhow::Result<()> {
    let refused: Vec<&Refused> = reports.iter().flat_map(|report| &report.refused).collect();
    if refused.is_empty() {
        return say(&format!("{}: not written, for there is no line to hand back", to.display()));
    }
    for (number, refused) in refused.into_iter().enumerate() {
        let file = numbered(to, number);
        std::fs::write(&file, refused.to_csv()).with_context(|| format!("{} can not be written", file.display()))?;
        let (lines, of) = (refused.lines.len(), refused.file.display());
        say(&format!("{}: {lines} lines of {of}; mend them there, and import that file", file.display()))?;
    }
    Ok(())
}

/// `errors.csv`, `errors-2.csv`.
fn numbered(file: &Path, number: usize) -> PathBuf {
    if number == 0 {
        return file.to_owned();
    }
    let mut name = file.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{}", number + 1));
    if let Some(ending) = file.extension() {
        name.push(".");
        name.push(ending);
    }
    file.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::settings::Command;

    #[test]
    fn each_file_of_errors_has_a_name_of_its_own() {
        assert_eq!(numbered(Path::new("a/errors.csv"), 0), Path::new("a/errors.csv"));
        assert_eq!(numbered(Path::new("a/errors.csv"), 1), Path::new("a/errors-2.csv"));
        assert_eq!(numbered(Path::new("errors"), 2), Path::new("errors-3"));
    }

    #[test]
    fn the_file_of_errors_is_none_of_the_files() {
        let wanted = |errors: &str| Import {
            files: vec!["goods.csv".into()],
            moves: false,
            maps: vec!["Артикул=sku".to_owned()],
            map_file: None,
            errors: Some(errors.into()),
            dry_run: false,
        };
        assert!(words(&wanted("goods.csv")).unwrap_err().to_string().contains("is one of the files to import"));
        assert!(words(&wanted("errors.csv")).is_ok());
    }

    #[tokio::test]
    async fn a_dry_run_says_what_an_import_would_and_writes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (state, file) = (folder.path().join("state"), folder.path().join("goods.csv"));
        std::fs::write(&file, "sku,title,location,on_hand\nTEA,Tea,almaty,12\nCUP,Cup,almaty,many\n").unwrap();
        let arguments = ["edin", "--state", state.to_str().unwrap(), "import", file.to_str().unwrap()];
        let settings = Settings::parse_from(arguments);
        let Some(Command::Import(wanted)) = &settings.command else { panic!("it is another command") };
        let words = Arc::default();
        let refused = try_out(&settings, wanted, &words).await.unwrap_err().to_string();
        assert_eq!((refused.as_str(), state.exists()), ("1 line would not be imported", false));

        edin_local::state::make(&state).unwrap();
        edin_local::state::secrets::prepare(&state).unwrap();
        let deployment = Deployment::open(&settings).await.unwrap();
        import(&deployment, wanted, &words).await.unwrap_err();
        std::fs::write(&file, "sku,title,location,on_hand\nTEA,Green tea,almaty,12\nCUP,Cup,almaty,3\n").unwrap();
        try_out(&settings, wanted, &words).await.unwrap();
        let skus = ["TEA", "CUP"].map(|sku| sku.parse().unwrap());
        let known = deployment.store.products(skus).await.unwrap();
        assert_eq!(known.values().map(|good| good.title.as_str()).collect::<Vec<_>>(), ["Tea"]);
        let left = std::fs::read_dir(&state).unwrap().filter_map(Result::ok);
        assert!(left.into_iter().all(|file| !file.file_name().to_string_lossy().starts_with("dry-run")));
    }
}
