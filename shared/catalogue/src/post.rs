//! Stock documents into the tables.

use edin_domain::document::Document;
use edin_store::commit::Stamp;
use edin_store::documents::{PostError, Posted};

use crate::document::Told;
use crate::error::{ImportError, Problem};
use crate::importer::Importer;
use crate::places::Places;
use crate::report::Report;
use crate::write::cause;

impl Importer<'_> {
    /// Takes documents in, one after another: what one says may be what the next one builds on.
    pub(crate) async fn post(&self, documents: &[Told], places: &mut Places, report: &mut Report) {
        for told in documents {
            for (line, at) in told.document.lines.iter().zip(&told.lines) {
                let said = line.places().filter_map(|place| places.doubt(&place.location));
                report.warnings.extend(said.map(|said| at.error(Problem::cell("location", said))));
            }
            match self.post_one(told).await {
                Ok(posted) => say(&told.document, &posted, report),
                Err(error) => report.errors.push(error),
            }
        }
    }

    async fn post_one(&self, told: &Told) -> Result<Vec<Posted>, ImportError> {
        let cause = cause(&told.at.file).map_err(|problem| told.at.error(problem))?;
        let posted = self.store.post(&told.document, &Stamp { cause, at: self.now }).await;
        posted.map_err(|error| refused(told, &error))
    }
}

/// Why a document wasn't taken, at its line that is wrong if that is known.
fn refused(told: &Told, error: &PostError) -> ImportError {
    let mut lines = told.document.lines.iter().zip(&told.lines);
    if let PostError::NoStockOf(sku) = error
        && let Some((_, at)) = lines.find(|(line, _)| line.sku == *sku)
    {
        return at.error(Problem::cell("sku", format!("{error}. The document was not taken")));
    }
    let what = format!("{} {}", told.document.kind.name(), told.document.number);
    told.at.error(Problem::Document { what, wrong: error.to_string() })
}

/// From what to what each level went.
fn say(document: &Document, posted: &[Posted], report: &mut Report) {
    let (kind, number) = (document.kind.name(), &document.number);
    let moved = posted.iter().filter(|posted| posted.from != Some(posted.to));
    for Posted { place, from, to } in moved {
        let from = from.map_or_else(|| "nothing known".to_owned(), |units| units.to_string());
        report.notes.push(format!("{kind} {number}: {} at {}: {from} → {to} on hand", place.sku, place.location));
    }
    let same = posted.iter().filter(|posted| posted.from == Some(posted.to)).count();
    if same > 0 {
        report.notes.push(format!("{kind} {number}: {same} as they were"));
    }
}
