"""How Target shows that a person is signed in; without it a session would be trusted for its cookies."""

from __future__ import annotations

from shopwatch.domain.probe import SessionProbe

TARGET_SESSION = SessionProbe(
    login_path=(
        "/login?client_id=ecom-web-1.0.0&ui_namespace=ui-default&back_button_action=browser"
        "&keep_me_signed_in=true&kmsi_default=true&actions=create_session_signin"
    ),
    account_path="/account",
    greeting='[data-test="@web/AccountLink"]',
    greets=r"^Hi,",
)
