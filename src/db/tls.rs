//! The database's address and how far its TLS certificate is checked: libpq's
//! `sslmode` words and meanings (PostgreSQL manual, 34.19), by rustls.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
};
use tokio_postgres::config::SslMode;
use tokio_postgres::{Client, Connection, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

pub type TlsStream = <MakeRustlsConnect as tokio_postgres::tls::MakeTlsConnect<Socket>>::Stream;

/// Where the database is.
#[derive(Clone)]
pub struct Target {
    config: tokio_postgres::Config,
    tls: MakeRustlsConnect,
}

impl Target {
    pub fn parse(url: &str) -> Result<Target> {
        let (url, mode, root) = without_ssl(url);
        let mut config: tokio_postgres::Config =
            url.parse().context("`DATABASE_URL` is not a PostgreSQL address")?;
        config.application_name("task-inbox").keepalives_idle(std::time::Duration::from_secs(30));
        config.connect_timeout(std::time::Duration::from_secs(10));
        config.tcp_user_timeout(std::time::Duration::from_secs(10));

        let mode = mode.unwrap_or_else(|| "prefer".to_owned());
        config.ssl_mode(match mode.as_str() {
            "disable" => SslMode::Disable,
            "allow" | "prefer" => SslMode::Prefer,
            "require" | "verify-ca" | "verify-full" => SslMode::Require,
            other => bail!("`sslmode` must be disable, prefer, require, verify-ca or verify-full, not \"{other}\""),
        });
        Ok(Target { config, tls: MakeRustlsConnect::new(client_config(&mode, root)?) })
    }

    pub fn config(&self) -> &tokio_postgres::Config {
        &self.config
    }

    pub fn tls(&self) -> MakeRustlsConnect {
        self.tls.clone()
    }
}

pub async fn connect(
    target: &Target,
) -> std::result::Result<(Client, Connection<Socket, TlsStream>), tokio_postgres::Error> {
    target.config.connect(target.tls()).await
}

/// Takes `sslmode` and `sslrootcert` out of the address: the driver's parser
/// knows only three of libpq's modes and no root certificate.
fn without_ssl(url: &str) -> (String, Option<String>, Option<PathBuf>) {
    let (mut mode, mut root) = (None, None);
    let Some((address, query)) = url.split_once('?') else {
        return (url.to_owned(), None, None);
    };
    let rest: Vec<&str> = query
        .split('&')
        .filter(|pair| match pair.split_once('=') {
            Some(("sslmode", value)) => {
                mode = Some(value.to_owned());
                false
            }
            Some(("sslrootcert", value)) => {
                let pair = format!("path={value}");
                let path = url::form_urlencoded::parse(pair.as_bytes()).next();
                root = path.map(|(_, path)| PathBuf::from(path.into_owned()));
                false
            }
            _ => true,
        })
        .collect();
    (format!("{address}?{}", rest.join("&")).trim_end_matches('?').to_owned(), mode, root)
}

fn client_config(mode: &str, root: Option<PathBuf>) -> Result<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let check_chain = mode.starts_with("verify") || root.is_some();
    let chain = if check_chain {
        let roots = Arc::new(roots(root)?);
        Some(WebPkiServerVerifier::builder_with_provider(roots, provider.clone()).build()?)
    } else {
        None
    };
    let verifier =
        Verifier { chain, check_name: mode == "verify-full", provider: provider.clone() };
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth())
}

fn roots(file: Option<PathBuf>) -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    let Some(path) = file.filter(|path| path.as_os_str() != "system") else {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        return Ok(roots);
    };
    let reading = || format!("reading `sslrootcert` \"{}\"", path.display());
    for certificate in CertificateDer::pem_file_iter(&path).with_context(reading)? {
        roots.add(certificate.with_context(reading)?).with_context(reading)?;
    }
    Ok(roots)
}

/// `prefer` and `require` encrypt without asking who answers, `verify-ca` asks
/// for a known authority, `verify-full` also for the name.
#[derive(Debug)]
struct Verifier {
    chain: Option<Arc<WebPkiServerVerifier>>,
    check_name: bool,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Some(chain) = &self.chain else {
            return Ok(ServerCertVerified::assertion());
        };
        match chain.verify_server_cert(certificate, intermediates, name, ocsp, now) {
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if !self.check_name => Ok(ServerCertVerified::assertion()),
            verdict => verdict,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sslmode_leaves_the_address_and_the_rest_stays() {
        for (url, rest, mode, root) in [
            ("postgresql://u:p@h/d", "postgresql://u:p@h/d", None, None),
            ("postgresql://h/d?sslmode=verify-full", "postgresql://h/d", Some("verify-full"), None),
            (
                "postgresql://h/d?a=1&sslmode=require&sslrootcert=%2Fetc%2Fca.pem&b=2",
                "postgresql://h/d?a=1&b=2",
                Some("require"),
                Some("/etc/ca.pem"),
            ),
        ] {
            let expected = (rest.to_owned(), mode.map(str::to_owned), root.map(PathBuf::from));
            assert_eq!(without_ssl(url), expected, "{url}");
        }
    }

    #[test]
    fn an_unknown_sslmode_is_refused() {
        let error =
            Target::parse("postgresql://h/d?sslmode=maybe").err().map(|error| error.to_string());
        assert!(error.is_some_and(|text| text.contains("not \"maybe\"")));
    }
}
