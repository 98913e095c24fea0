//! Recorded deliveries, cleaned of what is private, through the shipped integrations: each becomes the event that its
//! provider means, and the payload is what the integration says it is.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on ends by panicking"
)]

use std::path::Path;

use hence_connectors::HeaderMap;
use hence_connectors::ingress::{Delivery, IncomingEvent, read};
use hence_diagnostics::Sources;
use hence_schema::{Catalog, catalog, check_payload};
use reqwest::header::{HeaderName, HeaderValue};
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize)]
struct Fixture {
    headers: indexmap::IndexMap<String, String>,
    body: Box<RawValue>,
}

fn shipped() -> Catalog {
    let (catalog, diagnostics) = catalog(&mut Sources::default(), &[]);
    assert_eq!(diagnostics, []);
    catalog
}

/// Reads a fixture and returns what it is: its events, whether they have ids, and how they break their schema.
fn outcome(catalog: &Catalog, integration: &str, name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(integration);
    let text = std::fs::read_to_string(folder.join(format!("{name}.json"))).unwrap();
    let fixture: Fixture = serde_json::from_str(&text).unwrap();
    let header = |(name, value): (&String, &String)| {
        (HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap())
    };
    let headers: HeaderMap = fixture.headers.iter().map(header).collect();
    let webhook = catalog.integrations[integration].webhook.as_ref().unwrap();
    // A body that is no JSON, such as a form, stands as a text in the fixture.
    let text = serde_json::from_str::<String>(fixture.body.get());
    let body = text.unwrap_or_else(|_| fixture.body.get().to_owned());
    match read(webhook, integration, &headers, body.as_bytes()) {
        Ok(Delivery::Challenge(answer)) => format!("challenge {answer}"),
        Ok(Delivery::Events(events)) => {
            events.iter().map(|event| line(catalog, event)).collect::<Vec<_>>().join("; ")
        }
        Err(error) => error.to_string(),
    }
}

fn line(catalog: &Catalog, event: &IncomingEvent) -> String {
    let id = if event.delivery.is_some() { "with id" } else { "without id" };
    let payload = &catalog.event_by_full_name(&event.name).unwrap().payload;
    match check_payload(payload, &event.payload).as_slice() {
        [] => format!("{} {id}", event.name),
        mismatches => format!("{} {id} {mismatches:?}", event.name),
    }
}

#[test]
fn recorded_deliveries_become_the_events_they_are() {
    let catalog = shipped();
    for (fixture, expected) in [
        ("crm/payment_failed", "crm.payment.failed with id"),
        ("crm/segment_joined", "crm.member.joined_segment with id"),
        ("github/issue_comment_created_with_a_large_id", "github.issue_comment.created with id"),
        ("github/issues_opened", "github.issues.opened with id"),
        ("github/ping", "github.ping with id"),
        ("github/pull_request_closed", "github.pull_request.closed with id"),
        ("github/push", "github.push with id"),
        ("monday/archive_pulse", "monday.item.archived with id"),
        ("monday/change_column_value", "monday.column.changed with id"),
        ("monday/change_status_column_value", "monday.status.changed with id"),
        ("monday/create_pulse", "monday.item.created with id"),
        ("monday/create_pulse_of_a_subitem", "monday.item.created with id"),
        ("monday/create_update", "monday.update.created with id"),
        ("monday/create_update_that_replies", "monday.update.created with id"),
        ("monday/delete_pulse", "monday.item.deleted with id"),
        ("monday/move_pulse_into_group", "monday.item.moved with id"),
        ("monday/update_name", "monday.item.renamed with id"),
        ("monday/update_column_value_of_a_date", "monday.column.changed with id"),
        ("monday/update_column_value_of_a_status", "monday.status.changed with id"),
        (
            "sendgrid/all_events_in_one_delivery",
            "sendgrid.mail.processed with id; sendgrid.mail.deferred with id; sendgrid.mail.delivered with id; \
             sendgrid.mail.opened with id; sendgrid.mail.clicked with id; sendgrid.mail.bounced with id; \
             sendgrid.mail.dropped with id; sendgrid.mail.reported_as_spam with id; \
             sendgrid.recipient.unsubscribed with id; sendgrid.recipient.left_group with id; \
             sendgrid.recipient.joined_group with id",
        ),
        ("shop/cart_abandoned_by_a_guest", "shop.cart.abandoned with id"),
        ("shop/order_created", "shop.order.created with id"),
        ("shop/order_status_changed", "shop.order.status_changed with id"),
        ("shop/payment_failed", "shop.payment.failed with id"),
        ("shop/product_low_stock", "shop.product.low_stock with id"),
        ("slack/app_mention", "slack.app.mentioned with id"),
        ("slack/member_joined_channel", "slack.member.joined_channel with id"),
        ("slack/message", "slack.message.posted with id"),
        ("slack/message_changed", "slack.message.edited with id"),
        ("slack/message_deleted", "slack.message.deleted with id"),
        ("slack/message_of_an_app", "slack.message.posted with id"),
        ("slack/reaction_added", "slack.reaction.added with id"),
        (
            "slack/challenge",
            r#"challenge {"challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"}"#,
        ),
        ("sms/delivered", "sms.message.status with id"),
        ("sms/received", "sms.message.received with id"),
        ("sms/received_with_a_picture", "sms.message.received with id"),
        ("sms/undelivered", "sms.message.status with id"),
        ("stripe/dispute_closed", "stripe.dispute.closed with id"),
        ("stripe/dispute_created", "stripe.dispute.created with id"),
        ("stripe/invoice_created", "stripe.invoice.created with id"),
        ("stripe/invoice_paid", "stripe.invoice.paid with id"),
        ("stripe/invoice_payment_failed", "stripe.invoice.payment_failed with id"),
        ("stripe/invoice_upcoming_has_no_id", "stripe.invoice.upcoming with id"),
        ("stripe/payment_intent_payment_failed", "stripe.payment.failed with id"),
        ("stripe/payment_intent_succeeded", "stripe.payment.succeeded with id"),
        ("stripe/subscription_created", "stripe.subscription.created with id"),
        ("stripe/subscription_deleted", "stripe.subscription.deleted with id"),
        ("stripe/subscription_updated", "stripe.subscription.updated with id"),
        ("stripe/trial_will_end", "stripe.subscription.trial_will_end with id"),
        (
            "monday/challenge",
            r#"challenge {"challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"}"#,
        ),
    ] {
        let (integration, name) = fixture.split_once('/').unwrap();
        assert_eq!(outcome(&catalog, integration, name), expected, "{fixture}");
    }
}

#[test]
fn every_mapping_of_a_shipped_integration_names_an_event_of_it() {
    let catalog = shipped();
    for integration in catalog.integrations.values() {
        for mapping in integration.webhook.iter().flat_map(|webhook| &webhook.mappings) {
            assert!(integration.events.contains_key(&mapping.event), "{} {}", integration.id, mapping.event);
        }
    }
}
