//! Stock documents into the tables.

use std::collections::BTreeSet;

use edin_domain::Sku;
use edin_domain::bundle::Kind;
use edin_domain::document::Document;
use edin_store::Store;
use edin_store::commit::Stamp;
use edin_store::documents::Posted;

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
        self.check_goods(told).await?;
        let refused = |wrong: String| {
            let what = format!("{} {}", told.document.kind.name(), told.document.number);
            told.at.error(Problem::Document { what, wrong })
        };
        let cause = cause(&told.at.file).map_err(|problem| told.at.error(problem))?;
        let posted = self.store.post(&told.document, &Stamp { cause, at: self.now }).await;
        posted.map_err(|error| refused(error.to_string()))
    }

    /// A document is about goods that are known and have a stock of their own.
    async fn check_goods(&self, told: &Told) -> Result<(), ImportError> {
        let unknown = unknown(self.store, &told.document).await;
        let unknown = unknown.map_err(|problem| told.at.error(problem))?;
        let lines = told.document.lines.iter().zip(&told.lines);
        let wrong = lines.filter(|(line, _)| unknown.contains(&line.sku)).map(|(line, at)| (&line.sku, at)).next();
        match wrong {
            None => Ok(()),
            Some((sku, at)) => {
                let wrong =
                    format!("there is no {sku} with a stock of its own; import it first. The document was not taken");
                Err(at.error(Problem::cell("sku", wrong)))
            }
        }
    }
}

async fn unknown(store: &Store, document: &Document) -> Result<BTreeSet<Sku>, Problem> {
    let skus: BTreeSet<Sku> = document.lines.iter().map(|line| line.sku.clone()).collect();
    let known = store.products(skus.iter().cloned()).await.map_err(Problem::table("the stock document"))?;
    let is_simple = |sku: &Sku| known.get(sku).is_some_and(|product| product.kind == Kind::Simple);
    Ok(skus.into_iter().filter(|sku| !is_simple(sku)).collect())
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
