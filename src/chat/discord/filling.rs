//! Forms that are being filled in: which page is shown next, and what is said once all are there. Draws nothing.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::Discord;
use super::presses::{Filling, Kept};
use super::show::callback::{self, privately};
use super::show::{Shown, forms, message};
use crate::chat::Conversation;
use crate::chat::reader::Reader;
use crate::chat::request::Request;
use crate::chat::show::forms::{self as neutral, Form, FormKind, NO_FORM, Refused};
use crate::chat::show::text::{Text, short};
use crate::chat::view::View;
use crate::store::StoreError;

/// Discord waits three seconds for a form.
const AT_ONCE: Duration = Duration::from_millis(2_300);

impl Discord {
    /// Shows a page of a form.
    pub(super) async fn opened(
        &self,
        filling: Filling,
        request: Request,
        now: Timestamp,
    ) -> Result<Value, StoreError> {
        let form = timeout(AT_ONCE, self.form(&filling, &request, now)).await;
        let Ok(Some(form)) = form else {
            return Ok(privately(&message::said(&Text::ours(NO_FORM))));
        };
        let page = filling.page;
        let kept = Kept::Form(filling);
        self.presses.keep(std::slice::from_ref(&kept), now).await?;
        let modal = forms::page(&form, page, &kept.id().0);
        Ok(callback::modal(&modal))
    }

    /// Takes a page of a form.
    pub(super) async fn sent(
        self: &Arc<Self>,
        filling: Filling,
        fields: Vec<(String, String)>,
        request: Request,
        now: Timestamp,
    ) -> Result<Value, StoreError> {
        let form = timeout(AT_ONCE, self.form(&filling, &request, now)).await;
        let Ok(Some(form)) = form else {
            return Ok(privately(&message::said(&Text::ours(NO_FORM))));
        };
        let mut filled = filling.filled.clone();
        for (name, value) in fields {
            match filled.iter_mut().find(|(known, _)| *known == name) {
                Some((_, known)) => *known = value,
                None => filled.push((name, value)),
            }
        }
        let Some(kind) = FormKind::named(&filling.kind) else {
            return Ok(privately(&message::said(&Text::ours(NO_FORM))));
        };
        // Judged page by page: what cannot stand is told before the next one is filled in.
        let said = match neutral::command(kind, &form.about, &filled) {
            Ok(said) => said,
            Err(wrong) => {
                let again = Filling { filled, ..filling };
                return self.ask_again(&form, again, &wrong, now).await;
            }
        };
        if filling.page + 1 < forms::pages(&form) {
            let next = Filling {
                filled,
                page: filling.page + 1,
                ..filling
            };
            let said = format!("Page {} of {} is kept.", next.page, forms::pages(&form));
            return self.go_on(&Text::outside(&said), "Next", next, now).await;
        }
        // An offer is what changes the world: a form of a report only fills it in, as often as somebody likes.
        let offer = filling.message.filter(|_| kind != FormKind::Report);
        let request = Request {
            said,
            offer,
            private: filling.private,
            ..request
        };
        self.accept(request, now).await
    }

    /// Says what cannot stand as it is, and opens the page again that has the first of it.
    async fn ask_again(
        &self,
        form: &Form,
        filling: Filling,
        wrong: &[Refused],
        now: Timestamp,
    ) -> Result<Value, StoreError> {
        let label = |name: &str| {
            let field = form.fields.iter().find(|it| it.name == name);
            field.map_or(name, |it| it.label.as_str()).to_owned()
        };
        let mut said = Text::ours("This cannot stand as it is.");
        for (name, why) in wrong {
            said = said
                .and(&Text::ours(" "))
                .and(&Text::bold(&label(name)))
                .and(&Text::ours(": "))
                .and(&Text::outside(&short(why, 300)));
        }
        let pages = wrong.iter().map(|(name, _)| forms::page_of(form, name));
        let page = pages.min().unwrap_or_default();
        let filling = Filling { page, ..filling };
        self.go_on(&said, "Correct it", filling, now).await
    }

    /// A button that opens a page: a form cannot follow a form.
    async fn go_on(
        &self,
        said: &Text,
        label: &str,
        filling: Filling,
        now: Timestamp,
    ) -> Result<Value, StoreError> {
        let kept = Kept::Form(filling);
        let button = json!({ "type": 2, "style": 1, "label": label, "custom_id": kept.id().0 });
        self.presses.keep(std::slice::from_ref(&kept), now).await?;
        Ok(privately(&Shown {
            components: vec![json!({ "type": 1, "components": [button] })],
            ..message::said(said)
        }))
    }

    /// A form with what was filled in so far; nothing for those who may not have it.
    async fn form(&self, filling: &Filling, request: &Request, now: Timestamp) -> Option<Form> {
        let table = self.desk.table();
        let mut form = match FormKind::named(&filling.kind)? {
            FormKind::Wrong => neutral::not_right(&filling.about, table),
            FormKind::Simulate => neutral::simulate(&filling.about, table),
            FormKind::Report => {
                let filled = self.report_form(filling, request, now).await;
                neutral::report(&filled?, &filling.about)
            }
        };
        for field in &mut form.fields {
            let filled = filling.filled.iter().find(|(name, _)| *name == field.name);
            if let Some((_, value)) = filled {
                field.value.clone_from(value);
            }
        }
        Some(form)
    }

    /// The form of a report, for those who may report and may know what stands in it.
    async fn report_form(
        &self,
        filling: &Filling,
        request: &Request,
        now: Timestamp,
    ) -> Option<crate::report::form::Form> {
        let asked = Request {
            said: format!("report {}", filling.about),
            ..request.clone()
        };
        let view = self.work.view(asked).await;
        if view.ok()? != View::Everything {
            return None;
        }
        let reader = match request.place.direct || filling.private {
            true => Reader::Alone(request.asker.named()),
            false => Reader::Anybody,
        };
        let conversation = Conversation::default().read_by(reader);
        let form = self
            .desk
            .report_form(&conversation, &filling.about, now)
            .await;
        form.inspect_err(|why| tracing::info!(why, "no form")).ok()
    }
}
