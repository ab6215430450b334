using System.Reflection;
using System.Reflection.Emit;

namespace FisherKernels.Tests.House;

/// <summary>Which types of ours a type uses: in signatures, fields, attributes of its shape, and in the code of its methods.</summary>
internal static class TypeUses
{
    private const BindingFlags All =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<short, OpCode> Codes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value);

    /// <summary>
    /// The types of FisherKernels that a type uses, each once, without itself; what lies within another type counts as that type.
    /// </summary>
    public static HashSet<Type> By(Type type)
    {
        var found = new HashSet<Type>();
        Add(type.BaseType, found);
        foreach (Type implemented in type.GetInterfaces())
        {
            Add(implemented, found);
        }

        foreach (FieldInfo field in type.GetFields(All))
        {
            Add(field.FieldType, found);
        }

        foreach (MethodBase method in type.GetMethods(All).Cast<MethodBase>().Concat(type.GetConstructors(All)))
        {
            AddMember(method, found);
            AddCode(method, found);
        }

        found.Remove(Outermost(type));
        return found;
    }

    /// <summary>The type that no other type holds.</summary>
    public static Type Outermost(Type type) => type.DeclaringType is null ? type : Outermost(type.DeclaringType);

    private static void Add(Type? type, HashSet<Type> found)
    {
        while (type is { HasElementType: true })
        {
            type = type.GetElementType();
        }

        if (type is null || type.IsGenericParameter)
        {
            return;
        }

        foreach (Type argument in type.GetGenericArguments())
        {
            Add(argument, found);
        }

        Type outer = Outermost(type.IsGenericType ? type.GetGenericTypeDefinition() : type);
        if (outer.Namespace?.StartsWith("FisherKernels.", StringComparison.Ordinal) == true)
        {
            found.Add(outer);
        }
    }

    private static void AddMember(MemberInfo? member, HashSet<Type> found)
    {
        Add(member as Type ?? member?.DeclaringType, found);
        if (member is FieldInfo field)
        {
            Add(field.FieldType, found);
        }

        if (member is MethodInfo method)
        {
            Add(method.ReturnType, found);
            foreach (Type argument in method.GetGenericArguments())
            {
                Add(argument, found);
            }
        }

        if (member is MethodBase called)
        {
            foreach (ParameterInfo parameter in called.GetParameters())
            {
                Add(parameter.ParameterType, found);
            }
        }
    }

    private static void AddCode(MethodBase method, HashSet<Type> found)
    {
        if (method.GetMethodBody() is not { } body || body.GetILAsByteArray() is not { } code)
        {
            return;
        }

        foreach (LocalVariableInfo local in body.LocalVariables)
        {
            Add(local.LocalType, found);
        }

        Type[] ofType = method.DeclaringType!.GetGenericArguments(), ofMethod = method.IsGenericMethod ? method.GetGenericArguments() : [];
        for (int at = 0; at < code.Length;)
        {
            OpCode operation = code[at] == 0xFE ? Codes[unchecked((short)(0xFE00 | code[at + 1]))] : Codes[code[at]];
            at += operation.Size;
            bool isMember = operation.OperandType
                is OperandType.InlineMethod or OperandType.InlineField or OperandType.InlineType or OperandType.InlineTok;
            if (isMember)
            {
                AddMember(method.Module.ResolveMember(BitConverter.ToInt32(code, at), ofType, ofMethod), found);
            }

            at += operation.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + 4 * BitConverter.ToInt32(code, at),
                _ => 4,
            };
        }
    }
}
