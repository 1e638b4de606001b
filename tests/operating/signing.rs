//! sign: what it prints is what the server takes.

use reqwest::{Client, header::HeaderMap};
use serde_json::Value;

use super::objects;
use crate::{
    http::app::{SECRET, sign},
    program::Setup,
};

const BODY: &str = "{\"message_id\":\"m1\",\"from\":\"+15550000001\",\"to\":\"+15550100000\",\
    \"ts\":\"2025-01-15T10:00:00Z\",\"text\":\"it's $HOME `x` \\\"\"}\n";

const SCHEMES: [(&str, &str); 7] = [
    ("generic", "secret-of-generic"),
    ("github", "secret-of-github"),
    ("stripe", "whsec_secret-of-stripe"),
    ("slack", "secret-of-slack"),
    ("shopify", "secret-of-shopify"),
    (
        "standard-webhooks",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    ),
    ("ed25519", ""),
];

#[tokio::test]
async fn every_scheme_is_taken_by_the_server() {
    let mut setup = Setup::new().in_memory();
    let (_, pair, _) = setup.run(&["gen-secret", "--ed25519"]);
    let (private, public) = pair.trim_end().split_once('\n').expect("two lines");
    let mut config = Vec::new();
    for (name, secret) in SCHEMES {
        let (scheme, secret, shown) = match name {
            "ed25519" => ("standard-webhooks", private, public),
            scheme => (scheme, secret, secret),
        };
        setup.write(name, secret);
        setup.write(&format!("{name}.server"), shown);
        config.push(format!(
            "[[source]]\nname = \"{name}\"\nscheme = \"{scheme}\"\n\
             secrets = [{{ label = \"k\", file = \"{name}.server\" }}]\n"
        ));
    }
    let config = setup.write("countersign.toml", &config.concat());
    setup.set("CONFIG_FILE", &config);
    let server = setup.serve();
    let file = setup.write("body.json", BODY);
    let client = Client::new();
    for (name, _) in SCHEMES {
        let scheme = if name == "ed25519" {
            "standard-webhooks"
        } else {
            name
        };
        let common = ["sign", "--scheme", scheme, "--secret-file", name];
        let url = server.url(&format!("/webhook/{name}"));

        let (status, out, err) = setup.run(&[&common[..], &["--json", &file]].concat());
        assert_eq!((status, err.as_str()), (Some(0), ""), "{name}");
        let json = &objects(&out)[0];
        let mut request = client.post(&url).body(BODY);
        for (header, value) in json.as_object().expect("headers") {
            request = request.header(header, value.as_str().expect("a text"));
        }
        assert_eq!(request.send().await.unwrap().status(), 200, "{name}: {out}");

        let (status, out, _) = setup.run_with(&common, BODY.as_bytes());
        assert_eq!(status, Some(0));
        let mut request = client.post(&url).body(BODY);
        for line in out.lines() {
            let (header, value) = line.split_once(": ").expect("a header");
            request = request.header(header, value);
        }
        assert_eq!(request.send().await.unwrap().status(), 200, "{name}: {out}");

        for (body, input) in [(&file[..], ""), ("-", BODY)] {
            let curl = ["--curl", "--url", &server.url(""), "--source", name, body];
            let (status, out, err) =
                setup.run_with(&[&common[..], &curl].concat(), input.as_bytes());
            assert_eq!((status, err.as_str()), (Some(0), ""));
            assert_eq!(post(&out, &url).await, 200, "{name}: {out}");
        }
    }
}

/// Does what the command would: a shell takes it apart, and says what curl was given.
async fn post(command: &str, url: &str) -> u16 {
    let script = format!("curl() {{ printf '%s\\0' \"$@\"; }}\n{command}");
    let output = std::process::Command::new("/bin/sh")
        .args(["-c", &script])
        .output();
    let output = output.expect("a shell");
    assert!(output.status.success(), "{command}");
    let words = String::from_utf8(output.stdout).expect("UTF-8");
    let mut words = words.trim_end_matches('\0').split('\0');
    let (mut headers, mut body, mut to) = (HeaderMap::new(), String::new(), None);
    while let Some(word) = words.next() {
        match word {
            "--silent" | "--show-error" | "--fail-with-body" => {}
            "--header" => {
                let (name, value) = words
                    .next()
                    .and_then(|word| word.split_once(": "))
                    .expect("a header");
                let name: reqwest::header::HeaderName = name.parse().expect("a name");
                headers.insert(name, value.parse().expect("a value"));
            }
            "--data-binary" => {
                let word = words.next().expect("a body");
                body = match word.strip_prefix('@') {
                    Some(file) => std::fs::read_to_string(file).expect("the file"),
                    None => word.to_owned(),
                };
            }
            other => to = Some(other.to_owned()),
        }
    }
    assert_eq!(to.as_deref(), Some(url));
    assert_eq!(body, BODY);
    let request = Client::new().post(url).headers(headers).body(body);
    request.send().await.expect("an answer").status().as_u16()
}

#[test]
fn what_is_signed_can_be_repeated() {
    let setup = Setup::new().in_memory();
    let file = setup.write("body.json", BODY);
    let (status, out, err) = setup.run(&["sign", &file]);
    assert_eq!((status, err.as_str()), (Some(0), ""));
    assert_eq!(out, format!("X-Signature: {}\n", sign(BODY.as_bytes())));
    assert!(!out.contains(SECRET));

    let secret = setup.write("secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    let standard = [
        "sign",
        &file,
        "--scheme",
        "standard-webhooks",
        "--secret-file",
        &secret,
        "--json",
    ];
    let fixed = [
        &standard[..],
        &["--id", "msg_1", "--timestamp", "1614265330"],
    ]
    .concat();
    let (_, first, _) = setup.run(&fixed);
    let (_, second, _) = setup.run(&fixed);
    assert_eq!(first, second);
    let headers = &objects(&first)[0];
    assert_eq!(
        (&headers["webhook-id"], &headers["webhook-timestamp"]),
        (&"msg_1".into(), &"1614265330".into())
    );
    let id = |out: &str| -> Value { objects(out)[0]["webhook-id"].clone() };
    assert_ne!(
        id(&setup.run(&standard).1),
        id(&setup.run(&standard).1),
        "another one each time"
    );

    for (arguments, code, word) in [
        (&["/nowhere"][..], 66, "/nowhere cannot be read"),
        (&[&file, "--scheme", "rot13"], 78, "--scheme"),
        (&[&file, "--id", "a.b"], 78, "--id"),
        (&[&file, "--timestamp", "soon"], 78, "--timestamp"),
        (&[&file, "--url", "http://h"], 2, "--curl"),
        (
            &[&file, "--curl", "--url", "nowhere"],
            78,
            "--url is no URL",
        ),
    ] {
        let (status, out, err) = setup.run(&[&["sign"], arguments].concat());
        assert_eq!((status, out.as_str()), (Some(code), ""), "{err}");
        assert!(err.contains(word), "{err}");
    }
    let (status, out, err) = setup.run_with(&["sign", "--curl"], b"\xff");
    assert_eq!((status, out.as_str()), (Some(65), ""), "{err}");
}
