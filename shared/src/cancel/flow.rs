//! The screens of a cancellation as a graph. A flow is made once and never changes; where the
//! customer is in it is a [`Step`], and every way from one to another stands in [`next`].

use serde::{Deserialize, Serialize};

/// A screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Why? Nobody has to answer.
    Survey,
    /// Something else instead, beside a button that cancels.
    Offer,
    /// A word to the merchant, if one likes.
    Feedback,
    /// What ends when, and the button that does it.
    Confirm,
    /// It is done: the receipt.
    Done,
    /// The customer stays.
    Kept,
}

impl Step {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 6] =
        [Self::Survey, Self::Offer, Self::Feedback, Self::Confirm, Self::Done, Self::Kept];

    /// The word in records and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Survey => "survey",
            Self::Offer => "offer",
            Self::Feedback => "feedback",
            Self::Confirm => "confirm",
            Self::Done => "done",
            Self::Kept => "kept",
        }
    }

    /// Whether the flow is over.
    #[must_use]
    pub const fn is_last(self) -> bool {
        matches!(self, Self::Done | Self::Kept)
    }
}

/// What a customer can do on a screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Go on, with or without an answer.
    Next,
    /// Go back.
    Back,
    /// Go straight to the confirmation.
    ToConfirm,
    /// Cancel. Possible everywhere: a declaration is not turned down because of a screen.
    Confirm,
    /// Take what is offered.
    Accept,
    /// Stay without an offer.
    Stay,
}

impl Action {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 6] =
        [Self::Next, Self::Back, Self::ToConfirm, Self::Confirm, Self::Accept, Self::Stay];
}

/// The screens of one cancellation, in order; the last is always the confirmation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Step>", into = "Vec<Step>")]
pub struct Flow(Vec<Step>);

impl Flow {
    /// With these screens before the confirmation, in the order of the graph, each at most once.
    #[must_use]
    pub fn with(before: &[Step]) -> Self {
        let order = [Step::Survey, Step::Offer, Step::Feedback];
        let there = order.into_iter().filter(|step| before.contains(step));
        Self(there.chain([Step::Confirm]).collect())
    }

    /// The same without one screen: there is nothing to offer, or it was turned down.
    #[must_use]
    pub fn without(&self, step: Step) -> Self {
        let rest: Vec<Step> = self.0.iter().copied().filter(|known| *known != step).collect();
        Self::with(&rest)
    }

    /// Every screen until the end, in order.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// Where it begins.
    #[must_use]
    pub fn first(&self) -> Step {
        self.0.first().copied().unwrap_or(Step::Confirm)
    }
}

impl From<Vec<Step>> for Flow {
    /// A stored flow whose order nobody would write is put in order.
    fn from(steps: Vec<Step>) -> Self {
        Self::with(&steps)
    }
}

impl From<Flow> for Vec<Step> {
    fn from(flow: Flow) -> Self {
        flow.0
    }
}

/// Where an action leads; `None`: it is not possible there.
///
/// A screen that the flow does not have is left towards its nearest neighbour, so that nobody is
/// caught on one that was taken away.
#[must_use]
pub fn next(flow: &Flow, step: Step, action: Action) -> Option<Step> {
    if step.is_last() {
        return None;
    }
    match action {
        Action::Next => flow.0.iter().copied().find(|later| *later > step),
        Action::Back => flow.0.iter().copied().rev().find(|earlier| *earlier < step),
        Action::ToConfirm => (step != Step::Confirm).then_some(Step::Confirm),
        Action::Confirm => Some(Step::Done),
        Action::Accept => (step == Step::Offer).then_some(Step::Kept),
        Action::Stay => Some(Step::Kept),
    }
}
