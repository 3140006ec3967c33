"""The vendor's own SDK for Python as a client of the simulated Workspace.

    python3 -m venv venv && venv/bin/pip install huaweicloudsdkcore huaweicloudsdkworkspaceapp
    foretop sim --world small --clock x20        # prints the ready line
    venv/bin/python tests/workspace_sdk.py '<the ready line>' ['<access and secret key of a reader, joined by :>']

Prints PASS or FAIL for each check, and ends with 0 when all passed, 1 when not, 2 when the SDK is missing. It writes (one image,
one logoff), hence it talks to loopback only.
"""

import datetime
import json
import os
import sys
import tempfile
import time
import urllib.parse

# The SDK writes an id file below HOME on import, and may go through a proxy of the environment.
os.environ["HOME"] = tempfile.mkdtemp(prefix="foretop-sdk-")
for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
    os.environ.pop(name, None)
os.environ["NO_PROXY"] = "127.0.0.1,localhost"

try:
    from huaweicloudsdkcore.auth.credentials import BasicCredentials
    from huaweicloudsdkcore.exceptions import exceptions
    from huaweicloudsdkcore.http.http_config import HttpConfig
    from huaweicloudsdkworkspaceapp.v1 import WorkspaceAppClient
    from huaweicloudsdkworkspaceapp.v1 import model
except ImportError as error:
    print(f"the SDK is not installed: {error}")
    sys.exit(2)

JOB_TIMEOUT = 60
failures = 0


def check(what, passed, detail=""):
    """Counts and prints one check."""
    global failures
    failures += 0 if passed else 1
    print(f"{'PASS' if passed else 'FAIL'} {what}{'' if passed else f': {detail}'}", flush=True)


def refused(what, status, call, code=None):
    """A call that must be refused with one of these statuses."""
    allowed = status if isinstance(status, tuple) else (status,)
    try:
        answer = call()
    except exceptions.ServiceResponseException as error:
        good = error.status_code in allowed and bool(error.request_id) and bool(error.error_code)
        good = good and (code is None or error.error_code.startswith(code))
        check(what, good, f"{error.status_code} {error.error_code} {error.error_msg} {error.request_id}")
    else:
        check(what, False, f"not refused: {answer}")


def client(ready, ak=None, sk=None, project=None):
    credentials = BasicCredentials(ak or ready["ak"], sk or ready["sk"], project or ready["project_id"])
    config = HttpConfig.get_default_config()
    config.timeout = (5, 30)
    builder = WorkspaceAppClient.new_builder().with_credentials(credentials).with_endpoint(ready["url"])
    return builder.with_http_config(config).build()


def utc(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"


def enum(value):
    """The SDK's enums are objects; plain texts come through as they are."""
    return getattr(value, "value", value) if not isinstance(value, str) else value


def pages(call, size):
    """All rows of a list, page by page, to the end and past it."""
    rows, offset = [], 0
    while True:
        answer = call(offset, size)
        if not answer.items:
            return rows, answer.count
        rows += answer.items
        offset += len(answer.items)


def image_servers(api):
    listing = lambda offset, size: api.list_image_servers(model.ListImageServersRequest(offset=offset, limit=size))
    rows, count = pages(listing, 2)
    ids = {row.id for row in rows}
    check("image servers are paged to the end", len(ids) == count == len(rows), f"{len(rows)} of {count}")
    check("past the end there is nothing", listing(count + 50, 10).items == [] and listing(count + 50, 10).count == count)
    for bad in (0, 101):
        refused(f"limit={bad}", 400, lambda: listing(0, bad))
    first = rows[0]
    shown = api.show_image_server(model.ShowImageServerRequest(server_id=first.id))
    same = all(getattr(shown, name) == getattr(first, name) for name in ("id", "name", "create_time", "image_id"))
    check("show gives what the list gives", same, shown)
    found = api.list_image_servers(model.ListImageServersRequest(server_name=first.name[:6]))
    check("a part of the name filters", first.id in {row.id for row in found.items})
    nobody = api.list_image_servers(model.ListImageServersRequest(server_id="nobody"))
    check("an unknown server_id is an empty list", nobody.count == 0 and nobody.items == [])
    awkward = api.list_image_servers(model.ListImageServersRequest(server_name="win 2019~é/+"))
    check("an awkward query is signed alike", awkward.count == 0)
    refused("an unknown image server", 404, lambda: api.show_image_server(model.ShowImageServerRequest(server_id="nobody")))
    return rows


def recreate(api, server, **fields):
    body = model.CreateServerImageReq(**fields)
    return api.recreate_server_image(model.RecreateServerImageRequest(server_id=server, body=body))


def follow(api, job):
    """The statuses of a job until its end, and its last state."""
    seen, end = [], time.monotonic() + JOB_TIMEOUT
    while time.monotonic() < end:
        state = api.show_image_job(model.ShowImageJobRequest(job_id=job))
        status = enum(state.status)
        if not seen or seen[-1] != status:
            seen.append(status)
        if status in ("SUCCESS", "FAILED"):
            break
        time.sleep(0.05)
    return seen, state


def builds(api, servers):
    ready = [row for row in servers if enum(row.status) in ("ACTIVE", "BUILT")]
    busy = [row for row in servers if enum(row.status) not in ("ACTIVE", "BUILT")]
    # A broken one stays so; the others may become ready meanwhile.
    busy.sort(key=lambda row: enum(row.status) != "ERROR")
    if not ready or not busy:
        check("there are image servers to build from and others", False, [enum(row.status) for row in servers])
        return
    target = ready[0]
    for name in ("", " a", "a ", "a/b", "a:b", "é", "a\nb", "x" * 129):
        refused(f"the image name {name[:8]!r}", 400, lambda: recreate(api, target.id, name=name))
    for text in (" a", "a\nb", "<b>", "x" * 1025):
        refused(f"the description {text[:8]!r}", 400, lambda: recreate(api, target.id, name="a", description=text))
    refused("a build in the wrong state", (400, 409), lambda: recreate(api, busy[0].id, name="a"))
    refused("a build on nobody", 404, lambda: recreate(api, "nobody", name="a"))
    job = recreate(api, target.id, name="sdk 2026-03.1 办公", description="by the SDK", execute_sysprep=True).job_id
    check("the job id is a text of 18 digits", isinstance(job, str) and len(job) == 18, job)
    refused("a second build meanwhile", (400, 409), lambda: recreate(api, target.id, name="b"))
    seen, state = follow(api, job)
    in_order = [word for word in ("WAITING", "RUNNING", "SUCCESS") if word in seen] == seen
    check("the build goes WAITING > RUNNING > SUCCESS", in_order and seen[-1] == "SUCCESS", seen)
    part = state.sub_jobs[0]
    check("its part names the image", part.job_resource_info.resource_name == "sdk 2026-03.1 办公", part)
    after = api.show_image_server(model.ShowImageServerRequest(server_id=target.id))
    built = enum(after.status) == "BUILT" and after.image_id == part.job_resource_info.resource_id
    check("the image server is BUILT and has the image", built, after)
    jobs = api.list_image_jobs(model.ListImageJobsRequest(job_type="CREATE_SERVER_IMAGE", status="SUCCESS", limit=100))
    check("the history lists the job", job in {row.id for row in jobs.items})
    request = model.ListImageSubJobsRequest(job_type="CREATE_SERVER_IMAGE", job_id=job)
    parts = api.list_image_sub_jobs(request)
    count = api.count_image_sub_jobs(model.CountImageSubJobsRequest(job_id=job))
    check("its parts are listed and counted", parts.count == count.count == len(parts.items) == 1)
    refused("an unknown job", 404, lambda: api.show_image_job(model.ShowImageJobRequest(job_id="nobody")))
    seen, state = follow(api, recreate(api, target.id, name="will-fail").job_id)
    why = state.sub_jobs[0].job_execute_info
    check("a failing build ends FAILED with a reason", seen[-1] == "FAILED" and why.error_code and why.error_message, seen)


def sessions(api):
    now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=2)
    begin = utc(now - datetime.timedelta(days=30))
    window = {"query_begin_time": begin, "query_end_time": utc(now)}
    live = "Active,Disconnected,AppcInit"
    listing = lambda offset, size: api.list_sessions(
        model.ListSessionsRequest(offset=offset, limit=size, session_state=live, **window)
    )
    rows, count = pages(listing, 7)
    check("sessions are paged to the end", len({row.id for row in rows}) >= count - 2 and rows, f"{len(rows)} of {count}")
    raw = lambda **given: api.list_sessions(model.ListSessionsRequest(**given))
    refused("sessions without a window", 400, raw)
    refused("sessions without an end", 400, lambda: raw(query_begin_time=begin))
    early = raw(query_begin_time="2001-01-01T00:00:00.000Z", query_end_time="2001-01-02T00:00:00.000Z")
    check("sessions that began outside are not listed", early.count == 0)
    plain = [row for row in rows if row.login_user.isascii() and row.session_state in ("Active", "Disconnected")]
    target = plain[0]
    name = target.login_user.split("@")[0]
    mine = api.list_session_by_user_name(model.ListSessionByUserNameRequest(user_name=name)).session_info_list
    match = [row for row in mine if row.id == target.id]
    check("the sessions of a user", match and match[0].end_time == "0001-01-01 00:00:00", mine)

    def log_off(**fields):
        given = {"session_ids": [target.id], "message_type": 1, "delay_time": 0, **fields}
        body = model.LogoffUserSessionReq(**given)
        return api.logoff_user_session(model.LogoffUserSessionRequest(body=body))

    refused("a logoff without a delay", 400, lambda: log_off(delay_time=None))
    refused("a logoff of nobody", 400, lambda: log_off(session_ids=[]))
    log_off(message="注销")
    end = time.monotonic() + JOB_TIMEOUT
    state = None
    while state != "SignedOut" and time.monotonic() < end:
        found = raw(limit=100, user_name=name, **window).items
        state = next((row.session_state for row in found if row.id == target.id), None)
        time.sleep(0.05)
    check("a logged-off session becomes SignedOut", state == "SignedOut", state)
    body = model.ListUserConnectionReq()
    logins = api.list_user_connection(model.ListUserConnectionRequest(limit=5, body=body))
    check("usage records are listed", logins.count > 0 and len(logins.items) == 5, logins.count)


def others(api):
    groups = api.list_server_groups(model.ListServerGroupsRequest(limit=100))
    servers, count = pages(lambda o, n: api.list_servers(model.ListServersRequest(offset=o, limit=n)), 4)
    check("app servers are paged to the end", len({row.id for row in servers}) == count)
    in_groups = sum(row.app_server_count for row in groups.items)
    check("server groups count their servers", in_groups == count, f"{in_groups} of {count}")
    state = api.show_server_group_state(model.ShowServerGroupStateRequest(server_group_id=groups.items[0].id))
    check("a server group tells its state", sum(state.aps_status.values()) == groups.items[0].app_server_count, state)
    target = next(row for row in servers if enum(row.vm_status) == "ACTIVE")
    check("an idle server says the word null", enum(target.task_status) == "null", target.task_status)
    body = model.BatchChangeMaintainServerReq(items=[target.id], maintain_status=True)
    api.batch_change_server_maintain_mode(model.BatchChangeServerMaintainModeRequest(body=body))
    now = api.list_servers(model.ListServersRequest(server_id=target.id)).items[0]
    check("maintenance keeps users out", now.maintain_status is True and enum(now.status) == "MAINTAINING", now)
    app_groups = api.list_app_group(model.ListAppGroupRequest(limit=100))
    rights = api.list_app_group_authorization(
        model.ListAppGroupAuthorizationRequest(limit=100, app_group_id=app_groups.items[0].id)
    )
    check("app groups have authorizations", rights.count == len(rights.authorizations) > 0, rights.count)


def refusals(ready, reader):
    listing = lambda api: lambda: api.list_image_servers(model.ListImageServersRequest())
    refused("an unknown access key", 401, listing(client(ready, ak="NOBODY")), "APIGW.0301")
    refused("a wrong secret key", 401, listing(client(ready, sk="wrong")), "APIGW.0301")
    refused("a foreign project", 403, listing(client(ready, project="0" * 32)), "APIGW.0302")
    if reader:
        ak, sk = reader.split(":", 1)
        api = client(ready, ak=ak, sk=sk)
        check("a reader reads", api.list_image_servers(model.ListImageServersRequest()).count > 0)
        refused("a reader builds", 403, lambda: recreate(api, "nobody", name="a"))
        body = model.ListUserConnectionReq()
        refused("a reader asks with POST", 403, lambda: api.list_user_connection(model.ListUserConnectionRequest(body=body)))


def main():
    ready = json.loads(sys.argv[1])
    ready = ready.get("workspace", ready)
    if urllib.parse.urlparse(ready["url"]).hostname not in ("127.0.0.1", "::1", "localhost"):
        sys.exit("loopback only: this writes")
    api = client(ready)
    builds(api, image_servers(api))
    sessions(api)
    others(api)
    refusals(ready, sys.argv[2] if len(sys.argv) > 2 else None)
    print(f"{failures} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
