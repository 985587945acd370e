//! A headless Chromium of one test's own, which runs no script of any page, behind its WebDriver.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use fantoccini::{
    Client, ClientBuilder, Locator,
    actions::{InputSource, KeyAction, KeyActions},
    elements::Element,
    key::Key,
    wd::{Capabilities, WebDriverCompatibleCommand},
};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;
use url::Url;

const MISSING: &str = "these tests drive a real browser: `apt-get install chromium chromium-driver` installs it \
     on Debian, TAGTRAIL_BROWSER=off leaves them out";
const FLAGS: [&str; 8] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    // The shared memory of a container is too small for it.
    "--disable-dev-shm-usage",
];
/// A browser that takes longer to go anywhere stays.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) struct Chromium {
    pub(crate) client: Client,
    session: String,
    address: String,
    driver: Child,
    /// Held open: a driver whose words nobody hears may stop.
    _said: BufReader<ChildStdout>,
    _profile: TempDir,
}

impl Chromium {
    pub(crate) async fn start() -> Self {
        need("chromium");
        let driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut driver = driver.unwrap_or_else(|error| panic!("chromedriver: {error}; {MISSING}"));
        let mut said = BufReader::new(driver.stdout.take().unwrap());
        let address = format!("127.0.0.1:{}", port(&mut said));
        let profile = TempDir::new().unwrap();
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities(&profile))
            .connect(&format!("http://{address}"))
            .await
            .unwrap_or_else(|error| panic!("chromium does not start: {error}; {MISSING}"));
        // It ends with the test, below, even when that panics.
        client.persist().await.unwrap();
        let session = client.session_id().await.unwrap().unwrap();
        Self { client, session, address, driver, _said: said, _profile: profile }
    }

    pub(crate) async fn url(&self) -> Url {
        self.client.current_url().await.unwrap()
    }

    #[track_caller]
    pub(crate) fn find(&self, css: &str) -> impl Future<Output = Element> {
        let css = css.to_owned();
        async move {
            let found = self.client.find(Locator::Css(&css)).await;
            found.unwrap_or_else(|error| panic!("{css}: {error}"))
        }
    }

    /// Until an element is there.
    pub(crate) async fn wait_for(&self, css: &str) {
        self.client.wait().for_element(Locator::Css(css)).await.unwrap();
    }

    pub(crate) async fn has(&self, css: &str) -> bool {
        !self.client.find_all(Locator::Css(css)).await.unwrap().is_empty()
    }

    pub(crate) async fn text(&self, css: &str) -> String {
        self.find(css).await.text().await.unwrap()
    }

    /// Writes into the fields of the form that leads to an address ending so.
    pub(crate) async fn fill(&self, form: &str, fields: &[(&str, &str)]) {
        for (name, value) in fields {
            let field = self.find(&format!("form[action$='{form}'] [name='{name}']")).await;
            if field.tag_name().await.unwrap() != "select" {
                field.clear().await.unwrap();
            }
            field.send_keys(value).await.unwrap();
        }
    }

    /// Presses the button of this name, which leads to another page.
    pub(crate) async fn press(&self, button: &str) {
        let path = format!("//button[normalize-space()='{button}']");
        let found = self.client.find(Locator::XPath(&path)).await;
        self.leave(found.unwrap_or_else(|error| panic!("{button}: {error}"))).await;
    }

    /// Follows a link.
    pub(crate) async fn follow(&self, css: &str) {
        self.leave(self.find(css).await).await;
    }

    /// The driver may be back from a click before the browser is on its way.
    async fn leave(&self, by: Element) {
        by.click().await.unwrap();
        let began = Instant::now();
        while by.tag_name().await.is_ok() {
            assert!(began.elapsed() < PATIENCE, "the browser stays");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Presses a key, wherever the focus is.
    pub(crate) async fn key(&self, key: Key) {
        let value = key.into();
        let keys = KeyActions::new("keyboard".to_owned())
            .then(KeyAction::Down { value })
            .then(KeyAction::Up { value });
        self.client.perform_actions(keys).await.unwrap();
    }

    /// Asks the driver, which may run a script where the page may not.
    pub(crate) async fn probe(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap()
    }

    pub(crate) async fn resize(&self, width: u64, height: u64) {
        let size =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.tell("Emulation.setDeviceMetricsOverride", size).await;
    }

    pub(crate) async fn prefer_scheme(&self, scheme: &str) {
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        self.tell("Emulation.setEmulatedMedia", json!({ "features": features })).await;
    }

    async fn tell(&self, cmd: &'static str, params: Value) {
        self.client.issue_cmd(DevTools { cmd, params }).await.unwrap();
    }
}

impl Drop for Chromium {
    /// The browser first: it would outlive its driver.
    fn drop(&mut self) {
        if let Ok(mut stream) = TcpStream::connect(&self.address) {
            let _ = stream.set_read_timeout(Some(PATIENCE));
            let request = format!(
                "DELETE /session/{} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                self.session
            );
            let _ = stream.write_all(request.as_bytes());
            let _ = stream.read_to_end(&mut Vec::new());
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

fn need(program: &str) {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).any(|folder| folder.join(program).is_file());
    assert!(found, "{program} is not installed; {MISSING}");
}

/// The port of a driver, which it says when it listens.
fn port(said: &mut impl BufRead) -> u16 {
    let mut lines = said.lines().map_while(Result::ok);
    let port = lines.find_map(|line| {
        line.split_once("successfully on port ")?.1.split('.').next()?.parse().ok()
    });
    port.unwrap_or_else(|| panic!("chromedriver does not listen; {MISSING}"))
}

fn capabilities(profile: &TempDir) -> Capabilities {
    let folder = format!("--user-data-dir={}", profile.path().display());
    let flags: Vec<&str> = FLAGS.into_iter().chain([folder.as_str()]).collect();
    let forbidden = 2;
    let options = json!({
        "args": flags,
        "prefs": { "profile.managed_default_content_settings.javascript": forbidden },
    });
    Capabilities::from_iter([("goog:chromeOptions".to_owned(), options)])
}

/// A command of Chromium's own.
#[derive(Debug)]
struct DevTools {
    cmd: &'static str,
    params: Value,
}

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, url::ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (hyper::Method, Option<String>) {
        let body = json!({ "cmd": self.cmd, "params": self.params });
        (hyper::Method::POST, Some(body.to_string()))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_browser_of_these_tests_runs_no_script_of_a_page() {
    if crate::stage::is_left_out() {
        return;
    }
    let browser = Chromium::start().await;
    let page = "data:text/html,<title>off</title><script>document.title='on'</script>";
    browser.client.goto(page).await.unwrap();
    assert_eq!(browser.client.title().await.unwrap(), "off");
}
