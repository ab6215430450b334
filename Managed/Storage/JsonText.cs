using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace FisherKernels.Storage;

/// <summary>JSON as everything here writes and reads it: names and enum values in snake_case, and null where a number is not
/// finite.</summary>
public static class JsonText
{
    /// <summary>On one line.</summary>
    public static JsonSerializerOptions Lines { get; } = Make(false);

    /// <summary>Indented, for files that people look into.</summary>
    public static JsonSerializerOptions Indented { get; } = Make(true);

    private static JsonSerializerOptions Make(bool indented) => new(JsonSerializerDefaults.General)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = indented,
        Converters = { new FiniteOrNull(), new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    private sealed class FiniteOrNull : JsonConverter<double>
    {
        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Null ? double.NaN : reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            if (double.IsFinite(value))
            {
                writer.WriteNumberValue(value);
            }
            else
            {
                writer.WriteNullValue();
            }
        }
    }
}
