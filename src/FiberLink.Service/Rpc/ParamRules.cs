using System.Text.Json;
using FluentValidation;
using FluentValidation.Results;

namespace FiberLink.Service.Rpc;

/// <summary>What is wrong with one field.</summary>
/// <param name="Code">What kind.</param>
/// <param name="Message">What to do about it.</param>
internal sealed record ParamProblem(string Code, string Message);

/// <summary>Rules for parameters as they come: each field is whatever JSON the caller put there.</summary>
internal static class ParamRules
{
    /// <summary>The longest id of a member, post or invoice that is taken.</summary>
    public const int IdLengthMax = 255;

    /// <summary>Checks one field; a dotted name is a path.</summary>
    public static void Field<T>(
        this AbstractValidator<T> validator, string name, Func<T, JsonElement> value, Func<JsonElement, ParamProblem?> check) =>
        validator.RuleFor(p => p).Custom((p, context) => Add(context, name, check(value(p))));

    /// <summary>Adds what is wrong, if anything is.</summary>
    public static void Add<T>(ValidationContext<T> context, string name, ParamProblem? problem)
    {
        if (problem is not null)
        {
            context.AddFailure(new ValidationFailure(name, problem.Message) { ErrorCode = problem.Code });
        }
    }

    /// <summary>The issues as the wire has them; null when there are none.</summary>
    public static IReadOnlyList<ParamIssue>? Check<T>(IValidator<T> validator, JsonElement parameters, T request)
    {
        if (TypeProblem(parameters, JsonValueKind.Object, "object") is { } problem)
        {
            return [new(problem.Code, problem.Message, [])];
        }

        var result = validator.Validate(request);
        return result.IsValid
            ? null
            : [.. result.Errors.Select(e => new ParamIssue(e.ErrorCode, e.ErrorMessage, e.PropertyName.Split('.')))];
    }

    /// <summary>The value at a name, undefined when the parameters are no object or do not have it.</summary>
    public static JsonElement Get(JsonElement parameters, string name) => parameters.Member(name);

    /// <summary>Whom or what a call is about, as rates are counted; empty when the field is none or too long.</summary>
    public static string Subject(JsonElement parameters, string name, int lengthMax = IdLengthMax) =>
        RpcEnvelope.Text(Get(parameters, name)) is { } text && text.Length <= lengthMax ? text : "";

    /// <summary>A text that is not empty, and that a database can hold.</summary>
    public static Func<JsonElement, ParamProblem?> Text(int lengthMax) =>
        value =>
            TypeProblem(value, JsonValueKind.String, "string") is { } problem ? problem
            : StoredText(value) is not { } text ? NoText
            : text.Length == 0 ? new("too_small", "String must contain at least 1 character(s)")
            : text.Length > lengthMax ? new("too_big", $"String must contain at most {lengthMax} character(s)")
            : null;

    /// <summary>A whole number in a range, or nothing.</summary>
    public static Func<JsonElement, ParamProblem?> OptionalWhole(int least, int most) =>
        value =>
            value.ValueKind is JsonValueKind.Undefined ? null
            : TypeProblem(value, JsonValueKind.Number, "number") is { } problem ? problem
            : Whole(value) is not { } number ? new("invalid_type", "Expected integer, received float")
            : number < least ? new("too_small", $"Number must be greater than or equal to {least}")
            : number > most ? new("too_big", $"Number must be less than or equal to {most}")
            : null;

    public static ParamProblem? OptionalSwitch(JsonElement value) =>
        value.ValueKind is JsonValueKind.Undefined or JsonValueKind.True or JsonValueKind.False
            ? null
            : new("invalid_type", $"Expected boolean, received {KindOf(value)}");

    public static ParamProblem? OptionalObject(JsonElement value) =>
        value.ValueKind is JsonValueKind.Undefined ? null : TypeProblem(value, JsonValueKind.Object, "object");

    public static Func<JsonElement, ParamProblem?> OptionalOneOf(IReadOnlyCollection<string> options) =>
        value => value.ValueKind is JsonValueKind.Undefined || (RpcEnvelope.Text(value) is { } text && options.Contains(text))
            ? null
            : new("invalid_enum_value", $"Expected one of {string.Join(" | ", options)}");

    /// <summary>The text, if it is one that a database can hold.</summary>
    public static string? StoredText(JsonElement value) =>
        RpcEnvelope.Text(value) is { } text && !text.Contains('\0', StringComparison.Ordinal) ? text : null;

    public static ParamProblem NoText { get; } =
        new("invalid_string", "It holds a character that is no text: U+0000 or half of a surrogate pair");

    /// <summary>The number as an integer; 20.0 is one. Null for anything else.</summary>
    public static long? Whole(JsonElement value) =>
        value.ValueKind is not JsonValueKind.Number ? null
        : value.TryGetInt64(out var whole) ? whole
        : value.TryGetDecimal(out var number) && decimal.Truncate(number) == number && number is >= long.MinValue and <= long.MaxValue
            ? (long)number
            : null;

    public static ParamProblem? TypeProblem(JsonElement value, JsonValueKind expected, string name) =>
        value.ValueKind == expected ? null
        : value.ValueKind is JsonValueKind.Undefined ? new("invalid_type", "Required")
        : new("invalid_type", $"Expected {name}, received {KindOf(value)}");

    private static string KindOf(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.True or JsonValueKind.False => "boolean",
            JsonValueKind.String => "string",
            JsonValueKind.Number => "number",
            JsonValueKind.Array => "array",
            JsonValueKind.Object => "object",
            JsonValueKind.Null => "null",
            _ => "undefined",
        };
}
