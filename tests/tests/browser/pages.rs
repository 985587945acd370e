//! What holds for every page: it can be read, found, focused and trusted, at any width, without a script.

use fantoccini::key::Key;
use serde_json::{Value, json};

use crate::{
    stage::{ADMIN, EMAIL, PASSWORD, SECRET_WORD, Stage, UBI},
    tour::tour,
};

/// More stops than any page has.
const STOPS_MAX: usize = 80;

/// What a page has that it should not, or lacks; and how it stands.
const SHAPE: &str = r#"
const all = css => [...document.querySelectorAll(css)];
const named = it => (it.getAttribute('aria-label') || it.textContent).trim() !== '';
const ids = all('[id]').map(it => it.id);
return {
  lang: document.documentElement.lang,
  title: document.title.trim() !== '',
  headings: all('h1').length,
  landmarks: all('main').length,
  unlabeled: all('input:not([type=hidden]), select, textarea')
    .filter(it => ![...it.labels].some(named)).map(it => it.outerHTML),
  unnamed: all('a, button, summary').filter(it => !named(it)).map(it => it.outerHTML),
  scripts: all('script').length,
  handlers: all('*').filter(it => [...it.attributes].some(at => at.name.startsWith('on') || at.name === 'style'))
    .map(it => it.outerHTML),
  doubles: ids.filter((id, at) => ids.indexOf(id) !== at),
  strangers: all('[src], link[href]').map(it => it.src || it.href).filter(it => !it.startsWith(location.origin)),
};
"#;

/// How far the page reaches over its edge, and what does.
const OVERFLOW: &str = r#"
const width = document.documentElement.clientWidth;
const inside = it => it.closest('.wide, pre');
const over = [...document.querySelectorAll('body *')].filter(it => it.getBoundingClientRect().right > width + 1 && !inside(it.parentElement));
return { by: document.documentElement.scrollWidth - width, what: over.map(it => it.outerHTML.slice(0, 120)) };
"#;

/// Where the focus is: its name, whether it can be seen and lies in the window.
const FOCUS: &str = r#"
const at = document.activeElement;
if (!at || at === document.body) return null;
const style = getComputedStyle(at), place = at.getBoundingClientRect();
return {
  what: at.outerHTML.slice(0, 120),
  ring: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
  inside: place.width > 0 && place.left >= 0 && place.top < innerHeight && place.bottom > 0,
};
"#;

/// Puts the focus before everything.
const TO_TOP: &str = r#"
const top = document.body;
top.tabIndex = -1; top.focus(); top.removeAttribute('tabindex');
"#;

/// Everything a person may want to reach; of the circles of a choice, one.
const REACHABLE: &str = r#"
const css = 'a[href], button, input:not([type=hidden]):not([type=radio]), input[type=radio]:checked, select, textarea, summary, [tabindex="0"]';
return [...document.querySelectorAll(css)].filter(it => it.checkVisibility({contentVisibilityAuto: true})).length;
"#;

#[tokio::test(flavor = "multi_thread")]
async fn every_page_has_a_language_a_title_one_heading_labels_and_no_script() {
    let Some(stage) = Stage::open().await else { return };
    tour(&stage, async |name| {
        let shape = stage.browser.probe(SHAPE).await;
        let sound = json!({
            "lang": "en", "title": true, "headings": 1, "landmarks": 1, "unlabeled": [], "unnamed": [],
            "scripts": 0, "handlers": [], "doubles": [], "strangers": [],
        });
        assert_eq!(shape, sound, "{name}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_fits_a_small_telephone_and_a_desk() {
    let Some(stage) = Stage::open().await else { return };
    let folder = std::env::var_os("TAGTRAIL_SHOTS");
    tour(&stage, async |name| {
        for width in [1280, 400, 360] {
            stage.browser.resize(width, 800).await;
            let seen = stage.browser.probe(OVERFLOW).await;
            assert_eq!(seen, json!({ "by": 0, "what": [] }), "{name} at {width} pixels");
            if let Some(folder) = folder.as_ref().filter(|_| width != 360) {
                photograph(&stage, name, width, folder.as_ref()).await;
            }
        }
        stage.browser.resize(1280, 800).await;
    })
    .await;
}

/// Keeps a picture of the whole page, by day and by night.
async fn photograph(stage: &Stage, name: &str, width: u64, folder: &std::path::Path) {
    let height = stage.browser.probe("return document.documentElement.scrollHeight").await;
    stage.browser.resize(width, height.as_u64().unwrap().min(4000)).await;
    for scheme in ["light", "dark"] {
        stage.browser.prefer_scheme(scheme).await;
        let picture = stage.browser.client.screenshot().await.unwrap();
        let name = format!("{}-{width}-{scheme}.png", name.replace(' ', "-"));
        std::fs::write(folder.join(name), picture).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_goes_through_a_page_by_tab_reaches_everything_and_sees_where_they_are() {
    let Some(stage) = Stage::open().await else { return };
    tour(&stage, async |name| {
        stage.browser.resize(360, 740).await;
        stage.browser.probe(TO_TOP).await;
        let mut stops = Vec::new();
        loop {
            stage.browser.key(Key::Tab).await;
            let focus = stage.browser.probe(FOCUS).await;
            if focus.is_null()
                || stops.first().is_some_and(|it: &Value| it["what"] == focus["what"])
            {
                break;
            }
            assert_eq!(
                (&focus["ring"], &focus["inside"]),
                (&json!(true), &json!(true)),
                "{name}: {focus}"
            );
            stops.push(focus);
            assert!(stops.len() < STOPS_MAX, "{name} has no last stop");
        }
        let reachable = stage.browser.probe(REACHABLE).await;
        assert_eq!(json!(stops.len()), reachable, "{name}: {stops:#?}");
    })
    .await;
}

/// The value of a header that stands once.
#[track_caller]
fn only<'a>(headers: &'a [(String, String)], name: &str, what: &str) -> &'a str {
    let found: Vec<&str> = headers
        .iter()
        .filter(|(other, _)| other == name)
        .map(|(_, value)| value.as_str())
        .collect();
    assert_eq!(found.len(), 1, "{what}: {name} {found:?}");
    found[0]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_says_that_it_is_not_to_be_kept_framed_guessed_or_scripted() {
    let Some(stage) = Stage::open().await else { return };
    let software = stage.software("Till").await;
    let consent = stage.consent_path(&software.id);
    let paths = ["/", "/devportal", &consent, "/oauth", "/tags", "/mailbox", "/password?token=x"];
    for path in paths {
        let page = [("accept", "text/html")];
        let reply = stage.call(&format!("GET {path}"), &page, "").await;
        assert_eq!(only(&reply.headers, "content-type", path), "text/html; charset=utf-8");
        assert_eq!(only(&reply.headers, "x-content-type-options", path), "nosniff");
        assert_eq!(only(&reply.headers, "cache-control", path), "no-store");
        assert_eq!(only(&reply.headers, "referrer-policy", path), "no-referrer");
        let policy = only(&reply.headers, "content-security-policy", path);
        for said in ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"] {
            assert!(policy.split("; ").any(|it| it == said), "{path}: {policy}");
        }
        for bad in ["unsafe", "*", "data:"] {
            assert!(!policy.contains(bad), "{path}: {policy}");
        }
        let forms = policy.split("; ").find(|it| it.starts_with("form-action")).unwrap();
        // Only the consent leads away, wherever the software then sends the browser.
        let leads = match path == consent {
            true => "form-action 'self' http: https:",
            false => "form-action 'self'",
        };
        assert_eq!(forms, leads, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_script_and_no_other_site_can_use_a_cookie() {
    let Some(stage) = Stage::open().await else { return };
    stage.software("Till").await;
    let portal = [("Email", EMAIL), ("Password", SECRET_WORD)];
    let tags = [("UBI", UBI), ("Username", ADMIN), ("Password", PASSWORD)];
    for (page, fields) in [("/devportal", portal.as_slice()), ("/tags", tags.as_slice())] {
        let form =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let kind = [("content-type", "application/x-www-form-urlencoded"), ("accept", "text/html")];
        let reply = stage.call(&format!("POST {page}/login"), &kind, &form).await;
        assert_eq!(reply.status, 303, "{page}");
        let cookie = only(&reply.headers, "set-cookie", page);
        for said in ["HttpOnly", "SameSite=Strict", &format!("Path={page}")] {
            assert!(cookie.split("; ").any(|it| it == said), "{cookie}");
        }
    }
    stage.sign_in_to_portal().await;
    let cookies = stage.browser.client.get_all_cookies().await.unwrap();
    assert_eq!(cookies.len(), 1);
    assert_eq!(cookies[0].http_only(), Some(true));
    assert_eq!(cookies[0].same_site().map(|it| it.to_string()).as_deref(), Some("Strict"));
    assert_eq!(stage.browser.probe("return document.cookie").await, json!(""));
}
