// What `start` holds the functions against: a Node.js function that builds webhook's AWS clients and asks for an event.
import http from "node:http";
import { SQSClient } from "@aws-sdk/client-sqs";
import { SSMClient } from "@aws-sdk/client-ssm";

export const clients = [new SQSClient({}), new SSMClient({})];
http.get(`http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation/next`);
