//! What other inboxes, approvals and queues were caught by, as their code and their
//! issues show, and the tests that keep us from it. Read by the test below.
//!
//! The first task-inbox:
//! - Nobody knows who decided:
//!   `settling::a_decision_is_kept_with_who_when_and_why`,
//!   `inbox::a_person_reads_a_task_and_settles_it`
//! - A slow or broken receiver holds a row, or is a 500 to the person:
//!   `life::pitfalls::words::a_receiver_that_hangs_delays_no_post_and_no_decision`,
//!   `queue::a_persons_open_transaction_keeps_no_result_from_being_written`
//! - A webhook tells what was never stored:
//!   `chaos::races::f60_what_is_rolled_back_owes_nothing_and_sends_nothing`,
//!   `sql_api::a_rolled_back_post_leaves_nothing_and_sends_nothing`
//! - A webhook without facts, old state, actor and time:
//!   `documents::a_webhook_has_the_members_that_are_documented`
//! - The retry of a post whose answer was lost is a second task:
//!   `life::pitfalls::words::a_post_whose_answer_was_lost_is_one_task_when_it_is_sent_again`,
//!   `posting::the_same_post_twice_is_one_task`,
//!   `posting::twenty_equal_posts_at_once_are_one_task`,
//!   `life::repeats::a_rotated_key_finds_what_its_predecessor_did_and_no_other_key_does`
//! - A key for one schema does not work; a missed webhook is lost for good:
//!   `refusals::s24_s25_a_key_does_what_its_scopes_and_schema_allow`,
//!   `engine::feed::the_feed_has_what_webhooks_have_and_goes_on_where_it_was_left`
//! - From any state to any, also out of a settled one; an unknown state is a 500:
//!   `settling::a_resolved_task_stays_resolved`,
//!   `settling::a_state_says_from_where_it_is_reached_and_whether_it_wants_a_comment`,
//!   `life::repeats::no_shape_of_a_body_is_answered_with_5xx`
//! - Two clicks are two webhooks:
//!   `life::pitfalls::looking::two_clicks_at_once_are_one_decision_and_one_webhook`,
//!   `settling::of_ten_who_decide_at_once_one_wins`,
//!   `life::races::s68_of_two_that_settle_at_once_one_counts`
//! - The 101st open task cannot be seen:
//!   `life::pitfalls::stuck::the_hundred_and_first_open_task_is_reached_by_page_and_by_api`,
//!   `inbox::urgent_tasks_come_first_and_every_task_is_on_some_page`,
//!   `posting::s59_a_list_is_read_page_by_page_without_loss`,
//!   `cli::verbs::all_of_a_long_list_is_all_of_it`
//! - What was posted becomes a script or a link that runs one:
//!   `inbox::s35_s39_what_an_application_posts_is_only_text_on_a_page`,
//!   `life_pages::shown::attachments_are_links_and_nothing_is_fetched_or_run`,
//!   `attachments::s78_hostile_files_come_back_as_nothing_that_runs`
//! - Everybody is an admin; a webhook's key dies without a word:
//!   `life_pages::verbs::s20_a_viewer_does_none_of_it_and_sees_no_form_for_it`,
//!   `inbox::a_missing_secret_is_said_on_every_page_and_stops_no_decision`
//!
//! n8n, Activepieces, link previews:
//! - Who opens a link, or fetches it beforehand, has decided:
//!   `life::pitfalls::looking::a_scanner_that_opens_every_link_decides_nothing_and_takes_nothing_back`,
//!   `routes::unchanged::s34_no_get_and_no_head_changes_anything`,
//!   `hardening::csrf::s32_a_change_with_a_cookie_must_say_where_it_comes_from`
//! - Yes and no differ by a word in the address, and nobody is named:
//!   `life::pitfalls::looking::an_answer_is_not_turned_round_in_the_address`,
//!   `routes::description::no_call_takes_a_query_parameter_it_does_not_know`
//! - Links break behind a path prefix. There is none: a public URL with a path is
//!   refused at the start, and the links of a task are those of that URL:
//!   `config::a_public_url_has_no_path`,
//!   `hardening::hosts::a_page_is_shown_only_under_the_public_name`
//!
//! Kestra, Windmill:
//! - A timer that was left over wipes an answer or settles what was reopened:
//!   `life::pitfalls::clock::a_timer_left_from_before_a_reopening_never_settles_a_task`,
//!   `life::pitfalls::clock::a_timer_left_from_before_never_reaches_what_was_withdrawn_or_has_expired`,
//!   `life::deadlines::kestra_a_deadline_never_wipes_an_answer`,
//!   `life::races::an_answer_and_a_deadline_never_both_count`
//! - The example approves by itself after half a minute:
//!   `life::pitfalls::clock::no_schema_we_show_says_yes_when_nobody_answers`
//! - An early click answers the next question:
//!   `life::pitfalls::looking::a_click_meant_for_one_task_never_answers_the_next`,
//!   `life::merging::when_the_first_is_withdrawn_the_oldest_leads_by_the_first_deadline_of_those_left`,
//!   `undo_pages::a_page_from_before_another_decision_takes_nothing_back`
//! - A no, or silence, is taken for a failure:
//!   `cli::ask::the_exit_code_tells_the_answer`,
//!   `cli::ask::a_no_is_no_yes_when_nobody_reads_what_is_printed`
//!
//! Inngest, Trigger.dev, humanlayer:
//! - An answer that comes before the wait is lost:
//!   `life::pitfalls::waits::an_answer_that_came_before_the_wait_is_not_lost`,
//!   `cli::ask::an_answer_has_what_was_said_with_it`
//! - Of two who wait, one waits for ever:
//!   `life::pitfalls::waits::everybody_who_waits_for_a_task_is_answered_however_it_ends`,
//!   `life::pitfalls::waits::who_lost_a_race_is_told_at_once_who_won`,
//!   `waiting::a_deadline_that_passes_answers_who_waits_at_every_replica`
//! - It is settled and who waits does not hear of it:
//!   `queue::f44_a_lost_listening_connection_comes_back`,
//!   `cli::ask::who_asks_sits_out_a_lost_connection_and_holds_only_one`,
//!   `waiting::who_waits_at_one_replica_hears_of_a_decision_at_another`
//! - Who waits asks every three seconds, without an end:
//!   `waiting::a_thousand_who_wait_are_each_answered_at_once_and_hold_no_connection`,
//!   `posting::a_waiting_reader_hears_of_the_decision_at_once`
//!
//! AWX, Airflow, GitHub:
//! - What expired has live buttons and is still in the list:
//!   `life::pitfalls::looking::an_expired_task_has_no_buttons_and_is_in_no_list_of_open_tasks`,
//!   `life_pages::verbs::a_settled_task_takes_only_comments_and_says_so`
//! - One time-out for two things:
//!   `life::pitfalls::clock::webhooks_that_do_not_get_through_expire_no_task_and_deadlines_end_no_webhook`
//! - What waits dies after a fixed time:
//!   `life::pitfalls::clock::a_task_without_a_deadline_waits_for_ever`,
//!   `life::deadlines::a_task_without_another_way_out_stays_open_and_is_late_once`
//!
//! Discourse:
//! - A claim takes more than it was made for, or outlives what it was for:
//!   `life::pitfalls::side::a_claim_is_of_one_task_and_of_no_other_that_looks_like_it`,
//!   `life::pitfalls::side::a_claim_ends_with_whatever_settles_its_task`,
//!   `life::claims::a_claim_ends_by_itself_and_whatever_its_holder_does_prolongs_it`
//! - Claims drown all else:
//!   `life::pitfalls::side::claims_are_told_to_nobody_make_nothing_stale_and_hide_nothing`
//! - Another report opens again what was settled:
//!   `life::pitfalls::side::what_is_posted_again_wakes_no_settled_task`,
//!   `posting::an_external_id_names_one_task_for_ever`,
//!   `life::races::a_post_that_arrives_just_now_is_seen_and_is_one`
//! - An action on the side hides the decision:
//!   `life::pitfalls::side::side_verbs_leave_the_moves_in_place`,
//!   `life_pages::refused::what_is_to_be_seen_to_comes_first_and_a_tick_loses_no_comment`
//! - Who undoes, undoes what another has done meanwhile, or what was told already:
//!   `life::last_second::of_an_undo_and_a_claim_of_its_webhook_the_first_counts`,
//!   `life::last_second::an_undo_in_the_last_instant_is_done_and_untold_or_refused_and_told`,
//!   `engine::undo::of_undo_and_a_worker_about_to_send_one_wins`
//!
//! Mastodon, Lemmy:
//! - What is settled can be spoken of no more:
//!   `life_pages::refused::a_comment_for_a_task_that_was_settled_meanwhile_can_still_be_said`,
//!   `life::comments::what_is_said_among_people_no_application_hears`
//! - What people can do by page no program can:
//!   `routes::every_verb_of_a_page_is_one_of_the_api_too`
//! - Something is stuck until somebody writes SQL:
//!   `life::pitfalls::stuck::an_admin_closes_whatever_is_stuck_by_its_page_or_the_api`,
//!   `life::pitfalls::stuck::a_task_whose_version_was_replaced_is_decided_as_it_was_asked`
//! - Of ten reports each is closed by itself:
//!   `life::merging::one_decision_is_told_once_for_each_post`
//!
//! Nextcloud, Zammad, Prefect, agent-inbox, uTask:
//! - What was approved is not what was looked at:
//!   `life::pitfalls::looking::what_was_changed_after_the_look_refuses_the_decision`,
//!   `life::facts::who_decides_is_told_to_have_seen_what_was_there`,
//!   `life::merging::who_decides_by_the_id_of_a_member_needs_that_members_version`
//! - The decision is stored and its reason is not:
//!   `life::pitfalls::words::what_is_said_with_a_decision_is_kept_and_told_with_it_or_not_at_all`
//! - What is filled in comes back as text:
//!   `life::pitfalls::words::what_is_filled_in_reaches_the_application_as_the_json_it_was`,
//!   `life_pages::forms::what_is_filled_in_keeps_its_json_type`,
//!   `posting::numbers_come_back_as_they_were_posted`
//! - A typing error is the end of the task, or of what was typed:
//!   `life_pages::forms::each_error_stands_at_its_field_and_nothing_typed_is_lost`,
//!   `life_pages::refused::a_form_sent_after_a_change_says_who_made_it_and_stays_filled_in`,
//!   `life::repeats::a_refused_request_may_be_made_again_under_its_key`
//! - A webhook is gone after two minutes, or its endpoint after one bad night:
//!   `engine::breaker::f04_exhausted_has_failed_and_is_kept_and_said_once`,
//!   `engine::breaker::f36_auto_disable_resume_delivers_all_oldest_first`
//! - Whoever sends a header is who it names:
//!   `hardening::remote_user::s22_a_proxys_header_from_anybody_else_is_ignored`
//! - What was posted is out of reach of SQL:
//!   `sql_api::the_views_tell_what_happened`

mod clock;
mod looking;
mod side;
mod stuck;
mod waits;
mod words;

use std::collections::BTreeSet;

use crate::source::{complain, tests};

#[test]
fn every_pitfall_names_tests_that_are_there_and_every_test_here_is_named() {
    let lines = include_str!("mod.rs").lines().filter_map(|line| line.strip_prefix("//!"));
    let list = lines.collect::<Vec<_>>().join("\n");
    let tests: BTreeSet<String> =
        tests().into_iter().map(|(module, name)| format!("{module}::{name}")).collect();

    let (mut named, mut faults) = (BTreeSet::new(), Vec::new());
    for pitfall in list.split("\n - ").skip(1) {
        let those: Vec<&str> = pitfall.split('`').skip(1).step_by(2).collect();
        if those.is_empty() {
            faults.push(format!("no test keeps us from: {pitfall}"));
        }
        named.extend(those);
    }
    assert!(named.len() > 60, "{named:?}");
    faults.extend(
        (named.iter().filter(|name| !tests.contains(**name)))
            .map(|name| format!("there is no test {name}")),
    );
    let ours = tests.iter().filter(|name| {
        name.strip_prefix("life::pitfalls::").is_some_and(|rest| rest.contains("::"))
    });
    faults.extend(
        ours.filter(|name| !named.contains(name.as_str()))
            .map(|name| format!("the list does not name {name}")),
    );
    complain(&faults);
}
