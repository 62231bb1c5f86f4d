"""Carries out boto3 calls given as JSON lines on standard input and answers each with a JSON line."""

import datetime
import json
import sys

import boto3
import botocore.exceptions
from botocore.config import Config

CONFIG = Config(parameter_validation=False, retries={"total_max_attempts": 1}, connect_timeout=10, read_timeout=30)
clients = {}


def client_for(request):
    key = (request["url"], request["service"], request["region"], request["accessKeyId"], request["secretAccessKey"], request.get("sessionToken"))
    if key not in clients:
        clients[key] = boto3.client(
            request["service"],
            endpoint_url=request["url"],
            region_name=request["region"],
            aws_access_key_id=request["accessKeyId"],
            aws_secret_access_key=request["secretAccessKey"],
            aws_session_token=request.get("sessionToken"),
            config=CONFIG,
        )
    return clients[key]


def plain(value):
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    return str(value)


def carry_out(request):
    client = client_for(request)
    methods = {api: method for method, api in client.meta.method_to_api_mapping.items()}
    try:
        reply = getattr(client, methods[request["action"]])(**request["params"])
        return {"reply": reply}
    except botocore.exceptions.ClientError as error:
        detail = error.response["Error"]
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        return {"code": detail["Code"], "message": detail.get("Message"), "status": status}
    except botocore.exceptions.BotoCoreError as error:
        return {"code": type(error).__name__, "message": str(error), "status": 0}


for line in sys.stdin:
    request = json.loads(line)
    sys.stdout.write(json.dumps({"id": request["id"], **carry_out(request)}, default=plain) + "\n")
    sys.stdout.flush()
