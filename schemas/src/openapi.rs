//! The contract as an OpenAPI 3.1 document, made from the same tables.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::entity::entity_names;
use crate::listing::state;
use crate::reply::{definition, envelope, error_schema};
use crate::request::{body_schema, path_schema, query_schema, request_example};
use crate::route::{Audience, Method, Route, routes};
use crate::shape::Shape;

const SCHEMAS: &str = "#/components/schemas/";

const ABOUT: &str = "The BioTrack NY licensee API as tagtrail emulates it. tagtrail is not affiliated \
with BioTrack, Metrc or the New York State Office of Cannabis Management, and this document is none \
of theirs. New York has left the real system: nothing here leads to a production credential. Routes \
and reply fields are the published ones; request bodies, query parameters and lists of values were \
never published and are largely inferred. `x-basis` says of each where it comes from: `documented`, \
`family`, `regulation` or `inferred`. A wrong method answers 405, an unknown path 404.";

const REFUSALS: [(u16, &str, &str); 6] = [
    (400, "Refused", "The body is malformed, or a rule of the business says no."),
    (401, "NoSession", "No session or access token, or one that is unknown or has ended."),
    (403, "NotAllowed", "Permission, consent or license is missing, or another party's verb."),
    (404, "NotFound", "The path names a record that does not exist for the caller."),
    (413, "TooLarge", "The body is too large."),
    (501, "Planned", "tagtrail does not answer this route yet."),
];

/// The document. `planned` holds the operations that are not answered yet.
pub fn openapi(planned: &BTreeSet<&str>, base_url: &str) -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "tagtrail: the BioTrack NY licensee API",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "An offline emulation; not affiliated with any vendor or authority.",
            "description": ABOUT,
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "servers": [{"url": base_url}],
        "tags": tags(),
        "paths": paths(planned),
        "components": {
            "schemas": schemas(),
            "responses": refusals(),
            "parameters": headers(),
            "securitySchemes": {
                "accessToken": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The integrator's access token, from the consent of a company's \
                        administrator. A session may stand here as well.",
                },
                "session": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "X-Session-Token",
                    "description": "The person's session, from the log-in.",
                },
            },
        },
    })
}

fn tags() -> Value {
    let nouns: BTreeSet<_> = routes().iter().map(Route::noun).collect();
    nouns.into_iter().map(|noun| json!({"name": noun})).collect()
}

fn paths(planned: &BTreeSet<&str>) -> Map<String, Value> {
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for route in routes() {
        let alias = route.aliases.iter().map(|path| (path, true));
        for (path, is_alias) in std::iter::once((&route.path, false)).chain(alias) {
            let operation = operation(route, path, is_alias, planned);
            paths.entry(path).or_default().insert(verb(route.method).to_owned(), operation);
        }
    }
    paths.into_iter().map(|(path, item)| (path.to_owned(), Value::Object(item))).collect()
}

fn verb(method: Method) -> &'static str {
    match method {
        Method::Get => "get",
        Method::Post => "post",
        Method::Put => "put",
        Method::Patch => "patch",
        Method::Delete => "delete",
    }
}

fn operation(route: &Route, path: &str, is_alias: bool, planned: &BTreeSet<&str>) -> Value {
    let mut keys = Map::new();
    let mut put = |key: &str, value: Value| keys.insert(key.to_owned(), value);
    let suffix = if is_alias { "Alias" } else { "" };
    put("operationId", json!(format!("{}{suffix}", route.operation)));
    put("summary", json!(route.summary));
    let words = route.constraints.iter().chain(&route.notes).map(String::as_str);
    let words = words.collect::<Vec<_>>().join("\n\n");
    if !words.is_empty() {
        put("description", json!(words));
    }
    put("tags", json!([route.noun()]));
    put("security", security(route));
    put("parameters", parameters(route, path));
    if let Some(body) = request(route) {
        put("requestBody", body);
    }
    put("responses", responses(route, planned));
    put("x-audience", json!(audience(route.audience)));
    put("x-basis", json!(route.basis.to_string()));
    put("x-permission", json!(route.permission));
    put("x-rules", json!(route.rules));
    put("x-state", json!(state(route, planned)));
    if is_alias {
        put("x-alias-of", json!(route.operation));
    }
    Value::Object(keys)
}

fn audience(audience: Audience) -> &'static str {
    match audience {
        Audience::Licensee => "licensee",
        Audience::Lab => "lab",
        Audience::Both => "both",
        Audience::Public => "public",
    }
}

fn security(route: &Route) -> Value {
    match route.audience {
        Audience::Public => json!([{}, {"accessToken": []}]),
        Audience::Licensee | Audience::Lab | Audience::Both => {
            json!([{"session": []}, {"session": [], "accessToken": []}, {"accessToken": []}])
        }
    }
}

fn parameters(route: &Route, path: &str) -> Value {
    let in_path = route.path_params.iter().filter(|it| path.contains(&format!("{{{}}}", it.name)));
    let in_path = in_path.map(|it| {
        json!({
            "name": it.name,
            "in": "path",
            "required": true,
            "description": it.meaning,
            "schema": path_schema(it),
            "x-basis": it.basis.to_string(),
        })
    });
    let in_query = route.query.iter().map(|it| {
        json!({
            "name": it.name,
            "in": "query",
            "required": it.required,
            "description": it.meaning,
            "schema": query_schema(it),
            "x-basis": it.basis.to_string(),
        })
    });
    let headers = ["X-Ubi", "X-License"].iter();
    let headers = headers.filter(|_| route.audience != Audience::Public);
    let headers = headers.map(|name| json!({"$ref": format!("#/components/parameters/{name}")}));
    in_path.chain(in_query).chain(headers).collect()
}

fn request(route: &Route) -> Option<Value> {
    let fields = route.body.as_ref()?;
    let schema = format!("{SCHEMAS}{}Request", type_name(route));
    Some(json!({
        "required": fields.iter().any(|field| field.required),
        "content": {"application/json": {
            "schema": {"$ref": schema},
            "example": request_example(route),
        }},
    }))
}

fn responses(route: &Route, planned: &BTreeSet<&str>) -> Value {
    let schema = match &route.response {
        Shape::Entity(name) => format!("{SCHEMAS}{name}"),
        Shape::Null | Shape::Scalar(_) | Shape::List(_) | Shape::Object(_) => {
            format!("{SCHEMAS}{}Reply", type_name(route))
        }
    };
    let mut responses = Map::new();
    let content = json!({"application/json": {"schema": {"$ref": schema}}});
    responses.insert("200".to_owned(), json!({"description": "Done.", "content": content}));
    for (status, name, _) in REFUSALS {
        if may_refuse(route, status, planned) {
            let refusal = json!({"$ref": format!("#/components/responses/{name}")});
            responses.insert(status.to_string(), refusal);
        }
    }
    Value::Object(responses)
}

fn may_refuse(route: &Route, status: u16, planned: &BTreeSet<&str>) -> bool {
    match status {
        400 => route.method != Method::Get || !route.query.is_empty(),
        // The two password resets answer null to everybody.
        401 | 403 => route.response != Shape::Null,
        404 => !route.path_params.is_empty(),
        413 => route.body.is_some(),
        _ => state(route, planned) == "planned",
    }
}

fn schemas() -> Map<String, Value> {
    let mut schemas = Map::new();
    for name in entity_names() {
        schemas.insert(name.to_owned(), definition(name, SCHEMAS));
    }
    let mut error = error_schema();
    if let Some(keys) = error.as_object_mut() {
        keys.retain(|key, _| !["$schema", "$id"].contains(&key.as_str()));
    }
    schemas.insert("Error".to_owned(), error);
    for route in routes() {
        if let Some(body) = body_schema(route) {
            schemas.insert(format!("{}Request", type_name(route)), Value::Object(body));
        }
        if !matches!(route.response, Shape::Entity(_)) {
            schemas.insert(format!("{}Reply", type_name(route)), envelope(route, SCHEMAS));
        }
    }
    schemas
}

fn refusals() -> Map<String, Value> {
    let content = json!({"application/json": {"schema": {"$ref": format!("{SCHEMAS}Error")}}});
    let refusal = |(_, name, description): (u16, &str, &str)| {
        let rule = json!({"description": "The id of the rule that refused.", "schema": {"type": "string"}});
        let response = json!({
            "description": description,
            "headers": {"X-Tagtrail-Rule": rule},
            "content": content,
        });
        (name.to_owned(), response)
    };
    REFUSALS.into_iter().map(refusal).collect()
}

fn headers() -> Value {
    json!({
        "X-Ubi": {
            "name": "X-Ubi",
            "in": "header",
            "description": "The company the call acts for; checked when present.",
            "schema": {"type": "string", "format": "ubi"},
            "x-basis": "inferred",
        },
        "X-License": {
            "name": "X-License",
            "in": "header",
            "description": "The site the call acts for; checked when present, narrows reads to it.",
            "schema": {"type": "string", "format": "license"},
            "x-basis": "inferred",
        },
    })
}

/// The operation's name as the name of a type.
fn type_name(route: &Route) -> String {
    let mut name = route.operation.clone();
    if let Some(first) = name.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    name
}
