using System.Text.Json;
using FluentValidation;
using FluentValidation.Results;

namespace FiberLink.Service.Rpc;

/// <summary>Rules for parameters as they come: each field is whatever JSON the caller put there.</summary>
internal static class ParamRules
{
    /// <summary>The longest id of a member, post or invoice that is taken.</summary>
    public const int IdLengthMax = 255;

    /// <summary>A text that is not empty, and that a database can hold.</summary>
    public static IRuleBuilderOptionsConditions<T, JsonElement> IsText<T>(this IRuleBuilder<T, JsonElement> rule, int lengthMax) =>
        rule.Custom((value, context) =>
        {
            if (TypeProblem(value, JsonValueKind.String, "string") is { } problem)
            {
                context.Fail("invalid_type", problem);
            }
            else if (RpcEnvelope.Text(value) is not { } text || text.Contains('\0', StringComparison.Ordinal))
            {
                context.Fail("invalid_string", "It holds a character that is no text: U+0000 or half of a surrogate pair");
            }
            else if (text.Length == 0)
            {
                context.Fail("too_small", "String must contain at least 1 character(s)");
            }
            else if (text.Length > lengthMax)
            {
                context.Fail("too_big", $"String must contain at most {lengthMax} character(s)");
            }
        });

    /// <summary>A whole number in a range, or nothing.</summary>
    public static IRuleBuilderOptionsConditions<T, JsonElement> IsOptionalWhole<T>(this IRuleBuilder<T, JsonElement> rule, int least, int most) =>
        rule.Custom((value, context) =>
        {
            if (value.ValueKind is JsonValueKind.Undefined)
            {
                return;
            }

            if (TypeProblem(value, JsonValueKind.Number, "number") is { } problem)
            {
                context.Fail("invalid_type", problem);
            }
            else if (Whole(value) is not { } number)
            {
                context.Fail("invalid_type", "Expected integer, received float");
            }
            else if (number < least)
            {
                context.Fail("too_small", $"Number must be greater than or equal to {least}");
            }
            else if (number > most)
            {
                context.Fail("too_big", $"Number must be less than or equal to {most}");
            }
        });

    public static IRuleBuilderOptionsConditions<T, JsonElement> IsOptionalSwitch<T>(this IRuleBuilder<T, JsonElement> rule) =>
        rule.Custom((value, context) =>
        {
            if (value.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.True or JsonValueKind.False))
            {
                context.Fail("invalid_type", $"Expected boolean, received {KindOf(value)}");
            }
        });

    public static IRuleBuilderOptionsConditions<T, JsonElement> IsOptionalOneOf<T>(
        this IRuleBuilder<T, JsonElement> rule, IReadOnlyCollection<string> options) =>
        rule.Custom((value, context) =>
        {
            if (value.ValueKind is not JsonValueKind.Undefined && (RpcEnvelope.Text(value) is not { } text || !options.Contains(text)))
            {
                context.Fail("invalid_enum_value", $"Expected one of {string.Join(" | ", options)}");
            }
        });

    /// <summary>The number as an integer; 20.0 is one.</summary>
    public static long? Whole(JsonElement value) =>
        value.ValueKind is not JsonValueKind.Number ? null
        : value.TryGetInt64(out var whole) ? whole
        : value.TryGetDecimal(out var number) && decimal.Truncate(number) == number && number is >= long.MinValue and <= long.MaxValue ? (long)number
        : null;

    /// <summary>The value at a name, undefined when the parameters are no object or do not have it.</summary>
    public static JsonElement Get(JsonElement parameters, string name) =>
        parameters.ValueKind is JsonValueKind.Object && parameters.TryGetProperty(name, out var value) ? value : default;

    public static void Fail<T>(this ValidationContext<T> context, string code, string message) =>
        context.AddFailure(new ValidationFailure(context.PropertyPath, message) { ErrorCode = code });

    /// <summary>The issues as the wire has them; null when there are none.</summary>
    public static IReadOnlyList<ParamIssue>? Check<T>(IValidator<T> validator, JsonElement parameters, T request)
    {
        if (parameters.ValueKind is not JsonValueKind.Object)
        {
            return [new("invalid_type", TypeProblem(parameters, JsonValueKind.Object, "object")!, [])];
        }

        var result = validator.Validate(request);
        return result.IsValid ? null : [.. result.Errors.Select(e => new ParamIssue(e.ErrorCode, e.ErrorMessage, e.PropertyName.Split('.')))];
    }

    private static string? TypeProblem(JsonElement value, JsonValueKind expected, string name) =>
        value.ValueKind == expected ? null
        : value.ValueKind is JsonValueKind.Undefined ? "Required"
        : $"Expected {name}, received {KindOf(value)}";

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
