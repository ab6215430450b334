using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace FisherKernels.Tests.House;

/// <summary>The public surface of an assembly as text in a stable order, one member a line.</summary>
internal sealed class ApiText
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private readonly NullabilityInfoContext _nullability = new();

    public static string Of(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (Type type in assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            new ApiText().Write(type, text);
        }

        return text.ToString();
    }

    private void Write(Type type, StringBuilder text)
    {
        text.Append(CultureInfo.InvariantCulture, $"{Kind(type)} {type.Namespace}.{Name(type)}{Bases(type)}\n");
        IEnumerable<string> lines = type.IsEnum
            ? type.GetFields(BindingFlags.Public | BindingFlags.Static)
                .Select(field => $"{field.Name} = {Convert.ToInt64(field.GetRawConstantValue(), CultureInfo.InvariantCulture)}")
            : type.GetMembers(Declared).Where(Visible).Select(member => (member.Name, Line: Describe(member)))
                .OrderBy(member => member.Name, StringComparer.Ordinal).ThenBy(member => member.Line, StringComparer.Ordinal)
                    .Select(member => member.Line);
        foreach (string line in lines)
        {
            text.Append("    ").Append(line).Append('\n');
        }

        text.Append('\n');
    }

    private static bool IsRecord(Type type) => type.GetMethod("PrintMembers", Declared) is not null;

    private static string Kind(Type type)
    {
        string kind = type.IsEnum ? "enum" : type.IsInterface ? "interface" : type.IsValueType ? "struct" : "class";
        kind = IsRecord(type) ? "record " + kind : kind;
        return type switch
        {
            { IsValueType: true, IsEnum: false } when type.IsDefined(typeof(IsReadOnlyAttribute)) => "readonly " + kind,
            { IsAbstract: true, IsSealed: true } => "static " + kind,
            { IsAbstract: true, IsInterface: false } => "abstract " + kind,
            { IsSealed: true, IsValueType: false } => "sealed " + kind,
            _ => kind,
        };
    }

    private static string Bases(Type type)
    {
        if (type.IsEnum)
        {
            return "";
        }

        IEnumerable<Type> inherited = type.BaseType?.GetInterfaces() ?? [];
        IEnumerable<string> bases = type.GetInterfaces().Except(inherited)
            .Where(face => !(face.IsGenericType && face.GetGenericTypeDefinition() == typeof(IEquatable<>)))
            .Select(face => Name(face)).Order(StringComparer.Ordinal);
        if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType))
        {
            bases = bases.Prepend(Name(parent));
        }

        string list = string.Join(", ", bases);
        return list.Length == 0 ? "" : " : " + list;
    }

    private static bool Visible(MemberInfo member) => member switch
    {
        _ when member.IsDefined(typeof(CompilerGeneratedAttribute)) && member is not PropertyInfo => false,
        MethodBase { IsSpecialName: true, IsConstructor: false } method when !method.Name.StartsWith("op_", StringComparison.Ordinal) =>
            false,
        MethodBase method => Visible(method),
        FieldInfo field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly,
        PropertyInfo property => property.Name != "EqualityContract" && property.GetAccessors(nonPublic: true).Any(Visible),
        EventInfo happening => Visible(happening.AddMethod!),
        _ => false,
    };

    private static bool Visible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private string Describe(MemberInfo member) => member switch
    {
        FieldInfo { IsLiteral: true } field => $"const {Name(field.FieldType)} {field.Name} = {Value(field.GetRawConstantValue())}",
        FieldInfo field =>
            $"{Modifiers(field.IsStatic, field.IsPublic)}{(field.IsInitOnly ? "readonly " : "")}"
            + $"{Name(field.FieldType, _nullability.Create(field))} {field.Name}",
        PropertyInfo property => Describe(property),
        ConstructorInfo constructor => $"{Modifiers(false, constructor.IsPublic)}new({Parameters(constructor)})",
        MethodInfo method =>
            $"{Modifiers(method)}{Name(method.ReturnType, _nullability.Create(method.ReturnParameter))} "
            + $"{method.Name}{Generic(method)}({Parameters(method)})",
        EventInfo happening => $"event {Name(happening.EventHandlerType!)} {happening.Name}",
        _ => throw new InvalidOperationException($"No text for {member}."),
    };

    private string Describe(PropertyInfo property)
    {
        MethodInfo[] accessors = property.GetAccessors(nonPublic: true);
        string verbs = property.GetMethod is { } get && Visible(get) ? " get;" : "";
        if (property.SetMethod is { } set && Visible(set))
        {
            bool init = set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));
            verbs += (set.IsPublic ? " " : " protected ") + (init ? "init;" : "set;");
        }

        string required = property.CustomAttributes.Any(attribute => attribute.AttributeType.Name == "RequiredMemberAttribute")
            ? "required " : "";
        ParameterInfo[] index = property.GetIndexParameters();
        string name = index.Length == 0 ? property.Name : $"this[{string.Join(", ", index.Select(Parameter))}]";
        return $"{required}{Modifiers(accessors[0])}{Name(property.PropertyType, _nullability.Create(property))} {name} {{{verbs} }}";
    }

    private static string Modifiers(bool isStatic, bool isPublic) => (isPublic ? "" : "protected ") + (isStatic ? "static " : "");

    private static string Modifiers(MethodInfo method) =>
        Modifiers(method.IsStatic, method.IsPublic)
        + (method.DeclaringType!.IsInterface || !method.IsVirtual || method.IsFinal ? ""
            : method.IsAbstract ? "abstract " : method.GetBaseDefinition() != method ? "override " : "virtual ");

    private static string Generic(MethodInfo method) =>
        method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(argument => argument.Name))}>" : "";

    private string Parameters(MethodBase method) =>
        (method.IsDefined(typeof(ExtensionAttribute)) ? "this " : "") + string.Join(", ", method.GetParameters().Select(Parameter));

    private string Parameter(ParameterInfo parameter)
    {
        string direction = parameter.IsOut ? "out "
            : parameter.IsIn ? "in "
            : parameter.ParameterType.IsByRef ? "ref "
            : parameter.IsDefined(typeof(ParamArrayAttribute)) || parameter.IsDefined(typeof(ParamCollectionAttribute)) ? "params "
            : "";
        string value = parameter.HasDefaultValue ? " = " + Value(parameter.RawDefaultValue) : "";
        return $"{direction}{Name(parameter.ParameterType, _nullability.Create(parameter))} {parameter.Name}{value}";
    }

    private static string Value(object? value) => value switch
    {
        null => "null",
        string text => $"\"{text}\"",
        bool truth => truth ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string Name(Type type, NullabilityInfo? nullability = null)
    {
        if (type.IsByRef)
        {
            return Name(type.GetElementType()!, nullability?.ElementType);
        }

        if (Nullable.GetUnderlyingType(type) is { } inner)
        {
            return Name(inner) + "?";
        }

        string optional = !type.IsValueType && nullability?.ReadState == NullabilityState.Nullable ? "?" : "";
        if (type.IsArray)
        {
            return $"{Name(type.GetElementType()!, nullability?.ElementType)}[{new string(',', type.GetArrayRank() - 1)}]{optional}";
        }

        string name = type.DeclaringType is { } outer && !type.IsGenericParameter ? $"{Name(outer)}.{type.Name}" : type.Name;
        Type[] arguments = type.GetGenericArguments();
        if (name.IndexOf('`', StringComparison.Ordinal) is >= 0 and int tick)
        {
            NullabilityInfo[] known = nullability?.GenericTypeArguments ?? [];
            IEnumerable<string> names = arguments.Select((argument, i) => Name(argument, i < known.Length ? known[i] : null));
            name = $"{name[..tick]}<{string.Join(", ", names)}>";
        }

        return Keyword(name) + optional;
    }

    private static string Keyword(string name) => name switch
    {
        nameof(Boolean) => "bool",
        nameof(Byte) => "byte",
        nameof(Double) => "double",
        nameof(Int32) => "int",
        nameof(Int64) => "long",
        nameof(Object) => "object",
        nameof(Single) => "float",
        nameof(String) => "string",
        nameof(UInt64) => "ulong",
        "Void" => "void",
        _ => name,
    };
}
