// One request for each case on standard input, as swagger-client would send it; see parameters.py.
import { createInterface } from "node:readline";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.cwd(), "package.json"));
const SwaggerClient = require("swagger-client").default ?? require("swagger-client");

for await (const line of createInterface({ input: process.stdin })) {
  const { spec, values } = JSON.parse(line);
  let answer;
  try {
    const { url, headers } = SwaggerClient.buildRequest({ spec, operationId: "go", parameters: values });
    answer = { url, header: headers.color ?? null, cookie: headers.Cookie ?? null };
  } catch (error) {
    answer = { error: String(error) };
  }
  console.log(JSON.stringify(answer));
}
