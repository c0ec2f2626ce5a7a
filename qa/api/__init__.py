"""What programs ask: REST, OpenAI-style chat completions and MCP, with the token and the limits of all surfaces."""
