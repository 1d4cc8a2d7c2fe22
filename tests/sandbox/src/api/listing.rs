//! Lists with cursors: `limit`, `starting_after`, `ending_before`.

use serde_json::Value;

use crate::api::Call;
use crate::context::Ctx;
use crate::error::ApiError;
use crate::json::Json;
use crate::kind::Kind;
use crate::params::Params;
use crate::shape;
use crate::store::Query;

const LIMIT_DEFAULT: i64 = 10;
const LIMIT_MAX: i64 = 100;

/// The parameters that every list takes.
pub(crate) const PAGE_PARAMS: [&str; 3] = ["limit", "starting_after", "ending_before"];

/// Refuses parameters that are neither cursors nor in `filters`.
pub(crate) fn allow(params: &Params, filters: &[&str]) -> Result<(), ApiError> {
    let names: Vec<&str> = PAGE_PARAMS.iter().chain(filters).copied().collect();
    params.allow(&names)
}

/// One page of the objects of `kind` that satisfy `keep`, newest first.
pub(crate) fn page(
    ctx: &Ctx<'_>,
    call: &Call<'_>,
    kind: Kind,
    query: Query<'_>,
    keep: impl Fn(&Value) -> bool,
) -> Result<Value, ApiError> {
    let limit = call.params.int("limit")?.unwrap_or(LIMIT_DEFAULT);
    if !(1..=LIMIT_MAX).contains(&limit) {
        let message = format!("This value must be between 1 and {LIMIT_MAX} (it was {limit}).");
        return Err(ApiError::param("parameter_invalid_integer", "limit", message));
    }
    let limit = usize::try_from(limit).unwrap_or(1);
    let after = cursor(ctx, &call.params, "starting_after", kind)?;
    let before = cursor(ctx, &call.params, "ending_before", kind)?;
    let query = Query { after: after.as_deref(), before: before.as_deref(), ..query };
    let mut found = ctx.store.list(kind, query, limit + 1, keep)?;
    let has_more = found.len() > limit;
    if has_more {
        // The surplus object is the one farthest from the cursor.
        let surplus = if before.is_some() { 0 } else { limit };
        found.remove(surplus);
    }
    let data = found.into_iter().map(|record| record.body).collect();
    Ok(shape::list(data, has_more, call.path))
}

fn cursor(
    ctx: &Ctx<'_>,
    params: &Params,
    name: &str,
    kind: Kind,
) -> Result<Option<String>, ApiError> {
    let Some(id) = params.text(name)? else {
        return Ok(None);
    };
    ctx.store.get_param(kind, &id, name)?;
    Ok(Some(id))
}

/// A `created` filter: an exact second, or `created[gte]` and its like.
pub(crate) struct CreatedFilter {
    low: i64,
    high: i64,
}

impl CreatedFilter {
    /// Reads the parameter `created`.
    pub(crate) fn read(params: &Params) -> Result<Self, ApiError> {
        let mut filter = Self { low: i64::MIN, high: i64::MAX };
        if let Ok(Some(exact)) = params.int("created") {
            return Ok(Self { low: exact, high: exact });
        }
        let Some(range) = params.nested("created")? else {
            return Ok(filter);
        };
        range.allow(&["gt", "gte", "lt", "lte"])?;
        let next = |value: i64, by: i64| value.saturating_add(by);
        filter.low = filter.low.max(range.int("gte")?.unwrap_or(i64::MIN));
        filter.low = filter.low.max(range.int("gt")?.map_or(i64::MIN, |v| next(v, 1)));
        filter.high = filter.high.min(range.int("lte")?.unwrap_or(i64::MAX));
        filter.high = filter.high.min(range.int("lt")?.map_or(i64::MAX, |v| next(v, -1)));
        Ok(filter)
    }

    /// Whether an object was created in the range.
    pub(crate) fn keeps(&self, object: &Value) -> bool {
        (self.low..=self.high).contains(&object.int("created"))
    }
}
