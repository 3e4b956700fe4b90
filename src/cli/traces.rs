//! Traces for OpenTelemetry, by OTLP over HTTP to the collector that the configuration names: a span for each request, and in
//! it one for each look-up. Sends what the log shows of them and nothing else, and nobody ever waits for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use opentelemetry_proto::transform::trace::tonic::group_spans_by_resource_and_scope;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter};
use prost::Message as _;
use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use tokio::runtime::Handle;
use tokio::time::Instant;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::filter_fn;

use super::log::{Beside, is_ours};
use crate::config::{Secret, Telemetry};

/// How long a collector may take for one batch.
const BATCH: Duration = Duration::from_secs(10);

/// Spans are taken in, and sent in batches by a thread of their own; what finds no place with it is dropped.
pub struct Traces {
    provider: SdkTracerProvider,
    reception: Reception,
}

impl Traces {
    /// Begins to send traces there.
    ///
    /// # Errors
    /// Where this machine has no TLS.
    pub fn begin(to: &Telemetry) -> anyhow::Result<Traces> {
        let reception = Reception::default();
        let collector = Collector::new(to, reception.clone()).context("[telemetry]")?;
        // Nothing out of the environment, which may tell of other programs.
        let resource = Resource::builder_empty()
            .with_service_name(env!("CARGO_PKG_NAME"))
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        let provider = SdkTracerProvider::builder()
            .with_resource(resource)
            .with_batch_exporter(collector)
            .build();
        Ok(Traces {
            provider,
            reception,
        })
    }

    /// What takes spans in.
    pub fn layer(&self) -> Beside {
        let tracer = self.provider.tracer(env!("CARGO_PKG_NAME"));
        let layer = tracing_opentelemetry::layer()
            .with_tracer(tracer)
            .with_context_activation(false)
            .with_location(false)
            .with_target(false)
            .with_threads(false)
            .with_tracked_inactivity(false);
        let spans = filter_fn(|about| about.is_span() && is_ours(about));
        layer.with_filter(spans).boxed()
    }

    /// Sends what waits.
    pub async fn end(self, until: Instant) {
        let within = until.saturating_duration_since(Instant::now());
        // It waits for its thread, and that for a request that this runtime makes.
        let ending = move || self.provider.shutdown_with_timeout(within);
        if !matches!(tokio::task::spawn_blocking(ending).await, Ok(Ok(()))) {
            self.reception.bad("not in time for the end");
        }
    }
}

/// Whether the collector takes what it is sent. A change is said, not each batch.
#[derive(Debug, Clone, Default)]
struct Reception {
    is_bad: Arc<AtomicBool>,
}

impl Reception {
    fn good(&self) {
        if self.is_bad.swap(false, Ordering::Relaxed) {
            tracing::info!("traces are taken again");
        }
    }

    fn bad(&self, why: &str) {
        if !self.is_bad.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                why,
                "traces are not taken, and lost until that is said to be over"
            );
        }
    }
}

/// The collector: the configured address alone.
#[derive(Debug)]
struct Collector {
    client: Client,
    url: Url,
    token: Option<Secret>,
    resource: ResourceAttributesWithSchema,
    reception: Reception,
    /// Makes the requests of a thread that has no runtime.
    runtime: Handle,
}

impl Collector {
    fn new(to: &Telemetry, reception: Reception) -> anyhow::Result<Collector> {
        let client = Client::builder()
            .timeout(BATCH)
            .redirect(Policy::none())
            .no_proxy()
            .build()?;
        Ok(Collector {
            client,
            url: to.traces.clone(),
            token: to.token.clone(),
            resource: ResourceAttributesWithSchema::default(),
            reception,
            runtime: Handle::current(),
        })
    }

    async fn send(&self, batch: Vec<SpanData>) -> Result<(), String> {
        let resource_spans = group_spans_by_resource_and_scope(batch, &self.resource);
        let mut request = self
            .client
            .post(self.url.clone())
            .header("content-type", "application/x-protobuf")
            .body(ExportTraceServiceRequest { resource_spans }.encode_to_vec());
        if let Some(token) = &self.token {
            request = request.bearer_auth(token.expose());
        }
        let sent = self
            .runtime
            .spawn(async move { request.send().await })
            .await;
        // Of an answer nothing but its status is read: it may hold anything.
        let answer = sent
            .map_err(|_| "the program ends".to_owned())?
            .map_err(|error| format!("{:#}", anyhow::Error::from(error.without_url())))?;
        match answer.status().is_success() {
            true => Ok(()),
            false => Err(format!("it answered {}", answer.status().as_u16())),
        }
    }
}

impl SpanExporter for Collector {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        match self.send(batch).await {
            Ok(()) => self.reception.good(),
            Err(why) => {
                self.reception.bad(&why);
                return Err(OTelSdkError::InternalFailure(why));
            }
        }
        Ok(())
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.resource = resource.into();
    }
}
