//! From a run that fails to the shortest one that still does.

use std::collections::BTreeSet;

use crate::dice::Fault;
use crate::plan::Plan;
use crate::run::{Outcome, run};

/// A run that fails, cut down.
#[derive(Debug, Clone)]
pub struct Shortest {
    /// What is left of the plan.
    pub plan: Plan,
    /// What came of it.
    pub outcome: Outcome,
}

/// Cuts a failing plan down: kinds of faults, then what people do, then single faults, in halves and ever smaller parts.
/// Tries at most `tries` runs.
///
/// # Errors
/// If the simulation itself fails.
pub fn shrink(plan: &Plan, tries: usize) -> anyhow::Result<Option<Shortest>> {
    let mut search = Search { tries };
    let Some(mut best) = search.fails(plan.clone())? else { return Ok(None) };
    for kind in plan.weather.keys() {
        let mut without = best.plan.clone();
        without.weather.remove(kind);
        best = search.fails(without)?.unwrap_or(best);
    }
    best = search.cut(best, |plan, _| plan.actions.clone(), |plan, actions| plan.actions = actions)?;
    let fallen = |_: &Plan, outcome: &Outcome| outcome.faults.clone();
    let (all, forbidden): (BTreeSet<Fault>, _) =
        (best.outcome.faults.iter().cloned().collect(), best.plan.forbidden.clone());
    best = search.cut(best, fallen, move |plan, kept| {
        plan.forbidden = forbidden.union(&all).filter(|fault| !kept.contains(fault)).cloned().collect();
    })?;
    Ok(Some(best))
}

struct Search {
    tries: usize,
}

impl Search {
    fn fails(&mut self, plan: Plan) -> anyhow::Result<Option<Shortest>> {
        if self.tries == 0 {
            return Ok(None);
        }
        self.tries -= 1;
        let outcome = run(&plan)?;
        Ok((!outcome.broken.is_empty()).then_some(Shortest { plan, outcome }))
    }

    /// Leaves out runs of parts as long as what is left still fails.
    fn cut<T: Clone>(
        &mut self,
        mut best: Shortest,
        parts: impl Fn(&Plan, &Outcome) -> Vec<T>,
        keep: impl Fn(&mut Plan, Vec<T>),
    ) -> anyhow::Result<Shortest> {
        let mut left = parts(&best.plan, &best.outcome);
        let mut size = left.len().div_ceil(2);
        while size > 0 && self.tries > 0 {
            let mut from = 0;
            while from < left.len() {
                let fewer: Vec<T> = left.iter().take(from).chain(left.iter().skip(from + size)).cloned().collect();
                let mut plan = best.plan.clone();
                keep(&mut plan, fewer.clone());
                match self.fails(plan)? {
                    Some(shorter) => (best, left) = (shorter, fewer),
                    None => from += size,
                }
            }
            size /= 2;
        }
        Ok(best)
    }
}
