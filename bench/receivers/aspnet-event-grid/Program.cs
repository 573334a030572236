// A webhook of Event Grid that Microsoft Entra protects, after these pages of Microsoft (November 2026):
// https://learn.microsoft.com/azure/event-grid/secure-webhook-delivery
// https://learn.microsoft.com/azure/event-grid/end-point-validation-event-grid-events-schema
// https://learn.microsoft.com/azure/event-grid/end-point-validation-cloud-events-schema
// https://learn.microsoft.com/aspnet/core/security/authentication/configure-jwt-bearer-authentication
// The first leaves the check of the token to the web API. JwtBearer does it as on the last page, with audience and issuer. No page
// tells the receiver to check Event Grid's application id or role. The others give the answers to the handshakes; none says that the
// one over OPTIONS carries a token. It is granted to the origin on their page alone, as the safer choice.
// The metadata of the tests come over http, which has to be allowed.
using System.Text.Json;
using Microsoft.AspNetCore.Authentication.JwtBearer;

const string EventGrid = "eventgrid.azure.net";

var builder = WebApplication.CreateBuilder(args);

builder.Services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer(options =>
{
    options.MetadataAddress = builder.Configuration["EVENT_GRID_OPENID_CONFIGURATION_URL"]!;
    options.RequireHttpsMetadata = false;
    options.Audience = builder.Configuration["EVENT_GRID_AUDIENCE"];
    options.TokenValidationParameters.ValidIssuer = builder.Configuration["EVENT_GRID_ISSUER"];
});
builder.Services.AddAuthorization();

var app = builder.Build();

app.MapPost("/api/events", (HttpRequest request, JsonElement events) =>
    request.Headers["aeg-event-type"] == "SubscriptionValidation"
        ? Results.Ok(new { validationResponse = events[0].GetProperty("data").GetProperty("validationCode").GetString() })
        : Results.Ok()).RequireAuthorization();

app.MapMethods("/api/events", ["OPTIONS"], (HttpRequest request, HttpResponse response) =>
{
    if (request.Headers["WebHook-Request-Origin"] != EventGrid) return Results.BadRequest();
    response.Headers["WebHook-Allowed-Origin"] = EventGrid;
    response.Headers["WebHook-Allowed-Rate"] = "*";
    return Results.Ok();
});

app.UseAuthentication();
app.UseAuthorization();

app.Run($"http://127.0.0.1:{builder.Configuration["PORT"]}");
