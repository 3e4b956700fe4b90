//! What Slack refuses in the elements of blocks: buttons, menus, inputs, and the objects within them.
//!
//! <https://docs.slack.dev/reference/block-kit/block-elements>

use serde_json::Value;

use super::checks::Checker;

const MENUS: &[&str] = &[
    "static_select",
    "external_select",
    "users_select",
    "conversations_select",
    "channels_select",
    "multi_static_select",
    "multi_external_select",
    "multi_users_select",
    "multi_conversations_select",
    "multi_channels_select",
];

pub(super) const IN_SECTION: &[&str] = &[
    "button",
    "overflow",
    "image",
    "checkboxes",
    "radio_buttons",
    "datepicker",
    "timepicker",
    "static_select",
    "external_select",
    "users_select",
    "conversations_select",
    "channels_select",
    "multi_static_select",
    "multi_external_select",
    "multi_users_select",
    "multi_conversations_select",
    "multi_channels_select",
];

pub(super) const IN_ACTIONS: &[&str] = &[
    "button",
    "overflow",
    "checkboxes",
    "radio_buttons",
    "datepicker",
    "timepicker",
    "datetimepicker",
    "static_select",
    "external_select",
    "users_select",
    "conversations_select",
    "channels_select",
    "multi_static_select",
    "multi_external_select",
    "multi_users_select",
    "multi_conversations_select",
    "multi_channels_select",
];

pub(super) const IN_INPUT: &[&str] = &[
    "plain_text_input",
    "email_text_input",
    "url_text_input",
    "number_input",
    "file_input",
    "checkboxes",
    "radio_buttons",
    "datepicker",
    "timepicker",
    "datetimepicker",
    "static_select",
    "external_select",
    "users_select",
    "conversations_select",
    "channels_select",
    "multi_static_select",
    "multi_external_select",
    "multi_users_select",
    "multi_conversations_select",
    "multi_channels_select",
];

impl Checker {
    /// An element of one of these kinds.
    pub(super) fn element(&mut self, element: &Value, path: &str, kinds: &[&str]) {
        let kind = element["type"].as_str().unwrap_or("");
        if !kinds.contains(&kind) {
            return self.wrong(path, &format!("unsupported type: {}", element["type"]));
        }
        let menu = MENUS.contains(&kind);
        let (required, optional): (&[&str], &[&str]) = match kind {
            "button" => (
                &["text"],
                &["url", "value", "style", "confirm", "accessibility_label"],
            ),
            "overflow" => (&["options"], &["confirm"]),
            "image" => (&["alt_text"], &["image_url", "slack_file"]),
            "checkboxes" => (
                &["options"],
                &["initial_options", "confirm", "focus_on_load"],
            ),
            "radio_buttons" => (
                &["options"],
                &["initial_option", "confirm", "focus_on_load"],
            ),
            "datepicker" => (
                &[],
                &["placeholder", "initial_date", "confirm", "focus_on_load"],
            ),
            "timepicker" => (
                &[],
                &[
                    "placeholder",
                    "initial_time",
                    "confirm",
                    "focus_on_load",
                    "timezone",
                ],
            ),
            "datetimepicker" => (&[], &["initial_date_time", "confirm", "focus_on_load"]),
            "plain_text_input" => (
                &[],
                &[
                    "placeholder",
                    "initial_value",
                    "multiline",
                    "min_length",
                    "max_length",
                    "dispatch_action_config",
                    "focus_on_load",
                ],
            ),
            "email_text_input" | "url_text_input" => (
                &[],
                &[
                    "placeholder",
                    "initial_value",
                    "dispatch_action_config",
                    "focus_on_load",
                ],
            ),
            "number_input" => (
                &["is_decimal_allowed"],
                &[
                    "placeholder",
                    "initial_value",
                    "min_value",
                    "max_value",
                    "dispatch_action_config",
                    "focus_on_load",
                ],
            ),
            "file_input" => (&[], &["filetypes", "max_files"]),
            _ => (
                &[],
                &[
                    "placeholder",
                    "options",
                    "option_groups",
                    "initial_option",
                    "initial_options",
                    "initial_user",
                    "initial_users",
                    "initial_conversation",
                    "initial_conversations",
                    "initial_channel",
                    "initial_channels",
                    "default_to_current_conversation",
                    "response_url_enabled",
                    "filter",
                    "min_query_length",
                    "max_selected_items",
                    "confirm",
                    "focus_on_load",
                ],
            ),
        };
        let required = [&["type"], required].concat();
        let id: &[&str] = if kind == "image" { &[] } else { &["action_id"] };
        self.keys(element, path, &required, &[id, optional].concat());
        let at = |name: &str| format!("{path}/{name}");
        self.string(&element["action_id"], &at("action_id"), 1, 255);
        self.plain(&element["placeholder"], &at("placeholder"), 150);
        self.boolean(&element["focus_on_load"], &at("focus_on_load"));
        if !element["confirm"].is_null() {
            self.confirm(&element["confirm"], &at("confirm"));
        }
        match kind {
            "button" => {
                self.plain(&element["text"], &at("text"), 75);
                self.string(&element["value"], &at("value"), 1, 2000);
                self.url(&element["url"], &at("url"));
                self.one_of(&element["style"], &at("style"), &["primary", "danger"]);
                let label = "accessibility_label";
                self.string(&element[label], &at(label), 1, 75);
            }
            "image" => {
                if element["image_url"].is_null() == element["slack_file"].is_null() {
                    self.wrong(path, "either image_url or slack_file");
                }
                self.url(&element["image_url"], &at("image_url"));
                self.string(&element["alt_text"], &at("alt_text"), 1, 2000);
            }
            "overflow" => self.options(element, path, 5),
            "checkboxes" | "radio_buttons" => self.options(element, path, 10),
            "static_select" | "multi_static_select" => {
                if element["options"].is_null() == element["option_groups"].is_null() {
                    self.wrong(path, "either options or option_groups");
                }
                self.options(element, path, 100);
            }
            "plain_text_input" => self.text_input(element, path),
            "file_input" => self.number(&element["max_files"], &at("max_files"), 1, 10),
            _ => {}
        }
        if menu {
            self.number(
                &element["max_selected_items"],
                &at("max_selected_items"),
                1,
                1000,
            );
        }
    }

    fn number(&mut self, value: &Value, path: &str, least: u64, most: u64) {
        let right = value
            .as_u64()
            .is_some_and(|it| (least..=most).contains(&it));
        if !value.is_null() && !right {
            self.wrong(path, &format!("must be between {least} and {most}"));
        }
    }

    fn text_input(&mut self, element: &Value, path: &str) {
        let at = |name: &str| format!("{path}/{name}");
        self.boolean(&element["multiline"], &at("multiline"));
        self.number(&element["min_length"], &at("min_length"), 0, 3000);
        self.number(&element["max_length"], &at("max_length"), 1, 3000);
        let most = element["max_length"].as_u64().unwrap_or(3000);
        let most = usize::try_from(most).unwrap_or(3000);
        self.string(&element["initial_value"], &at("initial_value"), 0, most);
    }

    /// Options and groups of them, and that what is chosen at first is one of them.
    fn options(&mut self, element: &Value, path: &str, most: usize) {
        let mut all: Vec<&Value> = Vec::new();
        for (option, path) in self.list(&element["options"], &format!("{path}/options"), 1, most) {
            self.option(option, &path, element["type"].as_str().unwrap_or(""));
            all.push(option);
        }
        let groups = format!("{path}/option_groups");
        for (group, path) in self.list(&element["option_groups"], &groups, 1, 100) {
            self.keys(group, &path, &["label", "options"], &[]);
            self.plain(&group["label"], &format!("{path}/label"), 75);
            for (option, path) in self.list(&group["options"], &format!("{path}/options"), 1, 100) {
                self.option(option, &path, "");
                all.push(option);
            }
        }
        let first = &element["initial_option"];
        let several = element["initial_options"].as_array().into_iter().flatten();
        for chosen in several.chain((!first.is_null()).then_some(first)) {
            if !all.contains(&chosen) {
                self.wrong(path, "initial_option must be among the options");
            }
        }
    }

    fn option(&mut self, option: &Value, path: &str, of: &str) {
        let url: &[&str] = if of == "overflow" { &["url"] } else { &[] };
        let optional = [&["description"], url].concat();
        self.keys(option, path, &["text", "value"], &optional);
        // Only where options stand side by side may they have markup.
        let marked = ["checkboxes", "radio_buttons"].contains(&of);
        for name in ["text", "description"] {
            let path = format!("{path}/{name}");
            match marked {
                true => self.text(&option[name], &path, 75),
                false => self.plain(&option[name], &path, 75),
            }
        }
        self.string(&option["value"], &format!("{path}/value"), 1, 150);
        self.url(&option["url"], &format!("{path}/url"));
    }

    fn confirm(&mut self, confirm: &Value, path: &str) {
        let required = ["title", "text", "confirm", "deny"];
        self.keys(confirm, path, &required, &["style"]);
        self.plain(&confirm["title"], &format!("{path}/title"), 100);
        self.text(&confirm["text"], &format!("{path}/text"), 300);
        self.plain(&confirm["confirm"], &format!("{path}/confirm"), 30);
        self.plain(&confirm["deny"], &format!("{path}/deny"), 30);
        self.one_of(
            &confirm["style"],
            &format!("{path}/style"),
            &["primary", "danger"],
        );
    }
}
