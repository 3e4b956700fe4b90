//! Sums over many calls, grouped: bounded in time always. Source: the API's `breakout-aggrid`, whose
//! parameters are those of a grid in its own pages.

use super::cdr::utc;
use super::read::aggregates;
use super::{Answer, ConnexCs};
use crate::call::Window;
use crate::platform::{Aggregate, Id};
use crate::sources::Lookup;

/// What is summed, and how.
const VALUES: [(&str, &str); 5] = [
    ("attempts", "sum"),
    ("connected", "sum"),
    ("duration", "sum"),
    ("acd", "avg"),
    ("asr", "avg"),
];

/// What sums are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupBy {
    /// Whose calls.
    Customer,
    /// Through which carrier.
    Carrier,
    /// To which destination, as the customers' rate card names it.
    Destination,
    /// When.
    Time,
}

impl GroupBy {
    fn column(self) -> &'static str {
        match self {
            GroupBy::Customer => "customer_id",
            GroupBy::Carrier => "provider_id",
            GroupBy::Destination => "customer_card_dest_name",
            GroupBy::Time => "dt",
        }
    }
}

/// Which sums are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AggregateQuery {
    /// When the calls were.
    pub window: Window,
    /// What they are grouped by, the outermost first.
    pub by: Vec<GroupBy>,
    /// Only of this customer.
    pub customer: Option<Id>,
}

impl AggregateQuery {
    pub(super) fn params(&self) -> Vec<(String, String)> {
        let mut params: Vec<(String, String)> = Vec::new();
        let mut add = |key: String, value: &str| params.push((key, value.to_owned()));
        add("s".into(), "");
        add("_startRow".into(), "0");
        add("_endRow".into(), "10000");
        add("_pivotMode".into(), "false");
        for (at, by) in self.by.iter().enumerate() {
            for key in ["id", "displayName", "field"] {
                add(format!("_rowGroupCols[{at}][{key}]"), by.column());
            }
        }
        for (at, (field, function)) in VALUES.iter().enumerate() {
            for key in ["id", "displayName", "field"] {
                add(format!("_valueCols[{at}][{key}]"), field);
            }
            add(format!("_valueCols[{at}][aggFunc]"), function);
        }
        add("_filterModel[dt][type]".into(), "inRange");
        add("_filterModel[dt][filter]".into(), &utc(self.window.from));
        add("_filterModel[dt][filterTo]".into(), &utc(self.window.to));
        if let Some(customer) = self.customer {
            add("_filterModel[customer_id][type]".into(), "equals");
            add(
                "_filterModel[customer_id][filter]".into(),
                &customer.to_string(),
            );
        }
        params
    }
}

impl ConnexCs {
    /// The sums that a query describes.
    pub async fn aggregates(&self, query: &AggregateQuery) -> Lookup<Answer<Aggregate>> {
        let params = query.params();
        let params: Vec<(&str, &str)> = params
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect();
        self.list("breakout-aggrid", &params, aggregates).await
    }
}
