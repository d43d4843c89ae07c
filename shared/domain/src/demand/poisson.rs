//! How likely a number of sales is: the Poisson distribution. Floating point is used here and by those who ask, and only adds,
//! multiplies and divides, which every machine does alike.

pub(super) const MILLION: u64 = 1_000_000;
/// What is less likely than the likeliest number by this doesn't count.
const NEGLIGIBLE: f64 = 1e-18;

/// Millionths as units.
pub(super) fn units(millionths: u64) -> f64 {
    let whole = u32::try_from(millionths / MILLION).unwrap_or(u32::MAX);
    let rest = u32::try_from(millionths % MILLION).unwrap_or(0);
    f64::from(whole) + f64::from(rest) / 1e6
}

/// The mean of a Poisson distribution. How likely a number is stands relative to the likeliest one, which weighs 1: so
/// nothing is too small to be told from zero, however large the mean is.
pub(super) struct Mean {
    units: f64,
    likeliest: u32,
}

/// The first number above the likeliest that is negligible, its weight, and the weight of all from the likeliest to it.
pub(super) struct Top {
    pub(super) number: u32,
    pub(super) weight: f64,
    pub(super) upper: f64,
}

impl Mean {
    pub(super) fn of(millionths: u64) -> Self {
        let likeliest = u32::try_from(millionths / MILLION).unwrap_or(u32::MAX);
        Self { units: units(millionths), likeliest }
    }

    /// The weight of one less than `number`, which weighs `weight`.
    pub(super) fn one_less(&self, weight: f64, number: u32) -> f64 {
        weight * f64::from(number) / self.units
    }

    pub(super) fn top(&self) -> Top {
        let mut top = Top { number: self.likeliest, weight: 1.0, upper: 1.0 };
        while top.weight >= NEGLIGIBLE {
            top.number += 1;
            top.weight *= self.units / f64::from(top.number);
            top.upper += top.weight;
        }
        top
    }

    /// The weight of all numbers below the likeliest.
    pub(super) fn lower(&self) -> f64 {
        let (mut weight, mut lower) = (1.0, 0.0);
        for number in (1..=self.likeliest).rev() {
            weight = self.one_less(weight, number);
            lower += weight;
            if weight < NEGLIGIBLE {
                break;
            }
        }
        lower
    }
}

/// How likely it is that fewer than so many are sold.
pub(super) struct Below(Vec<f64>);

impl Below {
    /// Of a Poisson distribution with that mean, in millionths.
    pub(super) fn of(millionths: u64) -> Self {
        let mean = Mean::of(millionths);
        let Top { number: top, mut weight, upper } = mean.top();
        let all = upper + mean.lower();
        let mut chances: Vec<f64> = (0..=top)
            .rev()
            .map(|number| {
                let chance = weight / all;
                weight = mean.one_less(weight, number);
                chance
            })
            .collect();
        chances.reverse();
        let sums = chances.iter().scan(0.0_f64, |sum, chance| {
            *sum += chance;
            Some(sum.min(1.0))
        });
        Self(std::iter::once(0.0).chain(sums).collect())
    }

    /// How likely fewer than `number` are.
    pub(super) fn than(&self, number: usize) -> f64 {
        self.0.get(number).copied().unwrap_or(1.0)
    }

    /// How likely just `number` are.
    pub(super) fn exactly(&self, number: usize) -> f64 {
        self.than(number + 1) - self.than(number)
    }

    /// More than so many are never sold, for all that counts.
    pub(super) fn reach(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chances_are_those_of_the_textbook() {
        let below = Below::of(2_000_000);
        let chances = [0, 1, 2, 3, 4].map(|number| below.exactly(number));
        for (found, exact) in chances.into_iter().zip([0.135_335, 0.270_671, 0.270_671, 0.180_447, 0.090_224]) {
            assert!((found - exact).abs() < 1e-6, "{chances:?}");
        }
    }

    #[test]
    fn nothing_is_sold_where_nothing_is_expected() {
        let below = Below::of(0);
        assert_eq!([0, 1, 2].map(|number| below.than(number)), [0.0, 1.0, 1.0]);
    }

    #[test]
    fn a_large_mean_has_chances_too() {
        let below = Below::of(10_000 * MILLION);
        assert!((below.than(10_000) - 0.5).abs() < 0.01);
        assert!(below.reach() < 12_000);
    }
}
