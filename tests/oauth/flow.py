"""The consent of a company, and what must not lead to a token, by Authlib. Each test has a world of its own."""

import itertools
import sys
import unittest
from urllib.parse import parse_qs, parse_qsl, urlsplit

import requests
from authlib.common.security import generate_token
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc6749.errors import MismatchingStateException
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata

SERVER = ""
UBI, LICENSE = "604900161", "OCM-RETL-25-900161"
ADMIN = {"UBI": UBI, "Username": "admin@lantern-street.example", "Password": "tagtrail-dev-1"}
EMAIL = "ada@northlight.example"
CALLBACK = "http://127.0.0.1:8910/callback"
LARGE = "a" * (11 << 20)
NUMBERS = itertools.count(1)


class Flow(unittest.TestCase):
    """A world, an integrator's software in it, and what the server says of itself."""

    profile = "ny-2025-07"

    def setUp(self):
        self.world = f"oauth-{next(NUMBERS)}"
        made = requests.post(f"{SERVER}/_tagtrail/worlds", json={"name": self.world, "profile": self.profile})
        made.raise_for_status()
        self.base = f"{SERVER}/worlds/{self.world}"
        self.integrator = self.register(EMAIL)
        self.app = self.make_app(self.integrator, "Till")
        self.server = requests.get(f"{self.base}/.well-known/oauth-authorization-server").json()

    def register(self, email):
        """The headers of a new integrator's session."""
        said = {"Company": "Northlight", "Contact": "Ada", "Kind": "POS", "Email": email, "Password": "northlight-1"}
        self.assertEqual(requests.post(f"{self.base}/devportal/register", json=said).status_code, 200)
        return self.sign_in(email)

    def sign_in(self, email):
        said = {"Email": email, "Password": "northlight-1"}
        session = requests.post(f"{self.base}/devportal/login", json=said).json()["Session"]
        return {"Authorization": f"Bearer {session}"}

    def make_app(self, integrator, name, addresses=(CALLBACK,)):
        said = {"Name": name, "RedirectURI": list(addresses)}
        return requests.post(f"{self.base}/devportal/app", json=said, headers=integrator).json()["App"]

    def client(self, app=None, secret=None, method="client_secret_basic", **more):
        app = app or self.app
        return OAuth2Session(
            app["ClientID"],
            secret or app["ClientSecret"],
            redirect_uri=app["RedirectURI"][0],
            token_endpoint=self.server["token_endpoint"],
            token_endpoint_auth_method=method,
            revocation_endpoint_auth_method=method,
            **more,
        )

    def consent(self, url, decision="allow", **more):
        """An administrator decides; where the browser is sent."""
        form = {**dict(parse_qsl(urlsplit(url).query)), **ADMIN, "Decision": decision, **more}
        reply = requests.post(self.server["authorization_endpoint"], data=form, allow_redirects=False)
        self.assertEqual(reply.status_code, 302, reply.text)
        return reply.headers["Location"]

    def code(self, client, **more):
        """A code, with the state checked."""
        url, state = client.create_authorization_url(self.server["authorization_endpoint"], **more)
        query = parse_qs(urlsplit(self.consent(url)).query)
        self.assertEqual(query["state"], [state])
        return query["code"][0]

    def token(self, client):
        return client.fetch_token(code=self.code(client))

    def call(self, access_token, **headers):
        headers |= {"Authorization": f"Bearer {access_token}", "X-License": LICENSE}
        reply = requests.get(f"{self.base}/v1/user", headers=headers)
        return reply.status_code, reply.headers.get("X-Tagtrail-Rule")

    def consents(self):
        """State and last day of each consent that the portal lists, after however long a time."""
        self.integrator = self.sign_in(EMAIL)
        path = f"{self.base}/devportal/app/{self.app['ClientID']}/consent"
        listed = requests.get(path, headers=self.integrator).json()["Consent"]
        return [(it["UBI"], it["State"], it["EndsOn"]) for it in listed]

    def pass_time(self, by):
        clock = f"{SERVER}/_tagtrail/worlds/{self.world}/clock/step"
        requests.post(clock, json={"by": by}).raise_for_status()

    def refuses(self, error, ask):
        """Fails unless the library reports this error, and got no token."""
        with self.assertRaises(OAuthError) as raised:
            ask()
        self.assertEqual(raised.exception.error, error)
        self.assertTrue(raised.exception.description)

    def refused(self, reply, statuses, errors):
        """Fails unless a bare reply is an error of the RFC's, without any token."""
        self.assertIn(reply.status_code, statuses, reply.text[:200])
        body = reply.json()
        self.assertIn(body.get("error"), errors, body)
        self.assertTrue(body["Error"])
        self.assertFalse({"access_token", "refresh_token"} & body.keys())
        self.assertEqual(reply.headers["Cache-Control"], "no-store")


class Granted(Flow):
    def test_the_server_says_of_itself_what_holds(self):
        AuthorizationServerMetadata(self.server).validate()
        self.assertEqual(self.server["issuer"], self.base)
        self.assertEqual(self.server["response_types_supported"], ["code"])
        self.assertNotIn("code_challenge_methods_supported", self.server)
        AuthorizationServerMetadata(requests.get(f"{SERVER}/.well-known/oauth-authorization-server").json()).validate()

    def test_the_whole_way_from_consent_to_revocation(self):
        for method in self.server["token_endpoint_auth_methods_supported"]:
            with self.subTest(method):
                client = self.client(method=method)
                url, state = client.create_authorization_url(self.server["authorization_endpoint"])
                first = client.fetch_token(authorization_response=self.consent(url), state=state)
                self.assertEqual((first["token_type"], first["expires_in"]), ("Bearer", 8_640_000))
                self.assertEqual(client.get(f"{self.base}/v1/user", headers={"X-License": LICENSE}).status_code, 200)
                granted = self.consents()
                self.assertEqual([state for _, state, _ in granted], ["Active"])

                self.pass_time("1 d")
                second = client.refresh_token()
                self.assertEqual(second["expires_in"], 8_640_000 - 86_400)
                self.assertNotEqual(first["refresh_token"], second["refresh_token"])
                self.assertEqual(self.call(second["access_token"])[0], 200)
                self.assertNotEqual(self.call(first["access_token"])[0], 200)
                self.refuses("invalid_grant", lambda: client.refresh_token(refresh_token=first["refresh_token"]))
                self.assertEqual(self.call(second["access_token"])[0], 200)

                for _ in range(2):
                    reply = client.revoke_token(self.server["revocation_endpoint"], second["access_token"])
                    self.assertEqual(reply.status_code, 200)
                self.assertNotEqual(self.call(second["access_token"])[0], 200)
                self.refuses("invalid_grant", lambda: client.refresh_token(refresh_token=second["refresh_token"]))
                self.assertEqual(self.consents(), granted, "the consent itself stays")

    def test_a_state_comes_back_as_it_was(self):
        client = self.client()
        for state in ["a b+c/%2F&d=ü", "x" * 2_000, "'\"<script>"]:
            url, _ = client.create_authorization_url(self.server["authorization_endpoint"], state=state)
            for decision in ["allow", "deny"]:
                query = parse_qs(urlsplit(self.consent(url, decision)).query)
                self.assertEqual(query["state"], [state])

    def test_a_software_with_one_address_need_not_say_it(self):
        form = {"response_type": "code", "client_id": self.app["ClientID"], **ADMIN, "Decision": "allow"}
        reply = requests.post(self.server["authorization_endpoint"], data=form, allow_redirects=False)
        code = parse_qs(urlsplit(reply.headers["Location"]).query)["code"][0]
        client = OAuth2Session(self.app["ClientID"], self.app["ClientSecret"])
        token = client.fetch_token(self.server["token_endpoint"], code=code, grant_type="authorization_code")
        self.assertEqual(self.call(token["access_token"])[0], 200)


class Refused(Flow):
    def test_a_wrong_secret_or_an_unknown_client_gets_nothing_and_spends_no_code(self):
        client = self.client()
        code = self.code(client)
        for method in self.server["token_endpoint_auth_methods_supported"]:
            wrong = self.client(secret="wrong", method=method)
            self.refuses("invalid_client", lambda: wrong.fetch_token(code=code))
            nobody = self.client({**self.app, "ClientID": "nobody"}, method=method)
            self.refuses("invalid_client", lambda: nobody.fetch_token(code=code))
        fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
        reply = requests.post(self.server["token_endpoint"], data=fields, auth=("nobody", "x"))
        self.refused(reply, [401], ["invalid_client"])
        self.assertTrue(reply.headers["WWW-Authenticate"].startswith("Basic "))
        self.assertEqual(self.call(client.fetch_token(code=code)["access_token"])[0], 200)

    def test_a_code_used_twice_ends_what_it_bought(self):
        client = self.client()
        code = self.code(client)
        token = client.fetch_token(code=code)
        self.assertEqual(self.call(token["access_token"])[0], 200)
        self.refuses("invalid_grant", lambda: client.fetch_token(code=code))
        self.assertNotEqual(self.call(token["access_token"])[0], 200)
        self.refuses("invalid_grant", lambda: client.refresh_token(refresh_token=token["refresh_token"]))

    def test_a_code_of_another_software_is_worth_nothing(self):
        client, stranger = self.client(), self.make_app(self.register("bo@southlight.example"), "Thief")
        code = self.code(client)
        self.refuses("invalid_grant", lambda: self.client(stranger).fetch_token(code=code))
        sibling = self.make_app(self.integrator, "Scale")
        self.refuses("invalid_grant", lambda: self.client(sibling).fetch_token(code=code))
        self.assertEqual(self.call(client.fetch_token(code=code)["access_token"])[0], 200)

    def test_a_code_is_bound_to_the_address_to_which_it_was_sent(self):
        addresses = [CALLBACK, f"{CALLBACK}/two"]
        client = self.client(self.make_app(self.integrator, "Two doors", addresses))
        code = self.code(client)
        for wrong in [addresses[1], f"{CALLBACK}/", CALLBACK.upper(), "https://evil.example/", ""]:
            self.refuses("invalid_grant", lambda: client.fetch_token(code=code, redirect_uri=wrong))
        client.fetch_token(code=code)

    def test_a_code_lives_ten_minutes(self):
        client = self.client()
        code = self.code(client)
        self.pass_time("10 min")
        self.refuses("invalid_grant", lambda: client.fetch_token(code=code))
        code = self.code(client)
        self.pass_time("599 s")
        self.assertEqual(self.call(client.fetch_token(code=code)["access_token"])[0], 200)

    def test_a_client_notices_a_state_that_was_changed(self):
        client = self.client()
        url, state = client.create_authorization_url(self.server["authorization_endpoint"])
        arrived = self.consent(url).replace(state, state[::-1])
        with self.assertRaises(MismatchingStateException):
            client.fetch_token(authorization_response=arrived, state=state)
        self.assertIsNone(client.token)

    def test_a_denial_goes_back_with_a_word_and_grants_nothing(self):
        url, state = self.client().create_authorization_url(self.server["authorization_endpoint"])
        query = parse_qs(urlsplit(self.consent(url, "deny")).query)
        self.assertEqual(query, {"error": ["access_denied"], "state": [state]})
        self.assertEqual(self.consents(), [])

    def test_a_request_that_is_wrong_grants_nothing(self):
        endpoint, client = self.server["authorization_endpoint"], self.client()
        url, _ = client.create_authorization_url(endpoint)
        good = {**dict(parse_qsl(urlsplit(url).query)), **ADMIN, "Decision": "allow"}
        wrong = [
            {"client_id": "nobody"},
            {"redirect_uri": "https://evil.example/"},
            {"Password": "wrong"},
            {"Username": "staff@lantern-street.example"},
            {"UBI": "604900101"},
            {"License": "OCM-CULT-25-900101"},
            {"Ticket": "1.9999999999.x.00"},
            {"Username": LARGE},
            {"state": LARGE},
        ]
        for fields in wrong:
            reply = requests.post(endpoint, data={**good, **fields}, allow_redirects=False)
            self.assertIn(reply.status_code, [400, 401, 403, 413], (list(fields), reply.text[:200]))
            self.assertNotIn("Location", reply.headers)
        asked = {**good, "response_type": "token"}
        reply = requests.post(endpoint, data=asked, allow_redirects=False)
        self.assertIn("error=unsupported_response_type", reply.headers["Location"])
        self.assertEqual(self.consents(), [])

    def test_the_token_endpoint_answers_every_wrong_form_with_the_word_of_the_standard(self):
        client = self.client()
        code, endpoint = self.code(client), self.server["token_endpoint"]
        known = (self.app["ClientID"], self.app["ClientSecret"])
        good = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
        wrong = [
            ({**good, "grant_type": "password"}, ["unsupported_grant_type"]),
            ({**good, "grant_type": "client_credentials"}, ["unsupported_grant_type"]),
            ({**good, "grant_type": ""}, ["unsupported_grant_type", "invalid_request"]),
            ({"code": code, "redirect_uri": CALLBACK}, ["invalid_request"]),
            ({"grant_type": "authorization_code"}, ["invalid_grant", "invalid_request"]),
            ({**good, "code": "unknown"}, ["invalid_grant"]),
            ({**good, "code": [code, code]}, ["invalid_request"]),
            ({**good, "code": LARGE}, ["invalid_request", "invalid_grant"]),
            ({"grant_type": "refresh_token"}, ["invalid_grant", "invalid_request"]),
            ({"grant_type": "refresh_token", "refresh_token": code}, ["invalid_grant"]),
        ]
        for fields, errors in wrong:
            with self.subTest(list(fields), errors=errors):
                self.refused(requests.post(endpoint, data=fields, auth=known), [400, 413], errors)
        self.refused(requests.post(endpoint, json=good, auth=known), [400], ["invalid_request"])
        self.refused(requests.post(endpoint, auth=known), [400], ["invalid_request"])
        self.assertEqual(requests.get(endpoint, params=good, auth=known).status_code, 405)
        large = requests.post(self.server["revocation_endpoint"], data={"token": LARGE}, auth=known)
        self.refused(large, [400, 413], ["invalid_request"])
        self.assertEqual(self.call(client.fetch_token(code=code)["access_token"])[0], 200)

    def test_a_software_neither_renews_nor_ends_the_tokens_of_another(self):
        token = self.token(self.client())
        stranger = self.client(self.make_app(self.register("bo@southlight.example"), "Thief"))
        self.refuses("invalid_grant", lambda: stranger.refresh_token(refresh_token=token["refresh_token"]))
        for mine in ["access_token", "refresh_token"]:
            stranger.revoke_token(self.server["revocation_endpoint"], token[mine])
        wrong = self.client(secret="wrong").revoke_token(self.server["revocation_endpoint"], token["access_token"])
        self.refused(wrong, [401], ["invalid_client"])
        self.assertEqual(self.call(token["access_token"])[0], 200)

    def test_a_consent_that_lapsed_is_renewed_by_no_token(self):
        client = self.client()
        token = self.token(client)
        self.pass_time("100 d")
        self.assertEqual(self.call(token["access_token"]), (403, "ACCT-17"))
        self.refuses("invalid_grant", lambda: client.refresh_token(refresh_token=token["refresh_token"]))
        code = self.code(client)
        self.refuses("invalid_grant", lambda: client.refresh_token(refresh_token=token["refresh_token"]))
        self.assertEqual(self.call(client.fetch_token(code=code)["access_token"])[0], 200)


class Challenged(Flow):
    """Proof keys (RFC 7636), where the profile knows them."""

    profile = "family-72h"

    def test_a_code_is_bought_only_with_the_verifier_of_its_challenge(self):
        self.assertIn("S256", self.server["code_challenge_methods_supported"])
        client, verifier = self.client(code_challenge_method="S256"), generate_token(48)
        code = self.code(client, code_verifier=verifier)
        for wrong in [generate_token(48), verifier[:-1], verifier.swapcase()]:
            self.refuses("invalid_grant", lambda: client.fetch_token(code=code, code_verifier=wrong))
        self.refuses("invalid_grant", lambda: client.fetch_token(code=code))
        token = client.fetch_token(code=code, code_verifier=verifier)["access_token"]
        # In this profile a token alone stands for nobody.
        self.assertEqual(self.call(token), (401, "ACCT-39"))
        bearer = {"Authorization": f"Bearer {token}"}
        session = requests.post(f"{self.base}/v1/user/login", json=ADMIN, headers=bearer).json()["session"]
        self.assertEqual(self.call(token, **{"X-Session-Token": session})[0], 200)

    def test_a_challenge_of_an_unknown_kind_is_sent_back(self):
        url, _ = self.client().create_authorization_url(self.server["authorization_endpoint"])
        away = self.consent(url, code_challenge="x" * 43, code_challenge_method="S512")
        self.assertEqual(parse_qs(urlsplit(away).query)["error"], ["invalid_request"])
        self.assertEqual(self.consents(), [])


if __name__ == "__main__":
    SERVER = sys.argv.pop(1)
    unittest.main()
