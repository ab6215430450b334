using System.CommandLine;
using FisherKernels.Cli.Terminal;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Models;
using FisherKernels.Learning.Pools;
using FisherKernels.Storage;

namespace FisherKernels.Cli.Commands;

/// <summary>--model and --activation: a model to work with, and what its file may not say.</summary>
internal sealed class ModelOption
{
    private readonly Option<string?> _model;

    private readonly Option<Activation?> _activation = Ask.OneOf<Activation?>(
        "--activation", "after each hidden layer of --model, where its file does not say", null, ("gelu", Activation.Gelu),
        ("relu", Activation.Relu));

    /// <param name="command">Gets the options.</param>
    /// <param name="description">Of --model.</param>
    /// <param name="required">Whether --model has to be named.</param>
    public ModelOption(Command command, string description, bool required)
    {
        _model = Ask.OptionalPath("--model", description);
        _model.Required = required;
        command.Options.Add(_model);
        command.Options.Add(_activation);
    }

    /// <summary>The file named, or null where none is.</summary>
    public string? Path(ParseResult parsed) => parsed.GetValue(_model);

    private BradleyTerryMlp? Read(ParseResult parsed, Output output) => parsed.GetValue(_model) is { } path
        ? Load(path, parsed.GetValue(_activation), output)
        : parsed.GetValue(_activation) is null
            ? null
            : throw new InputException($"{_activation.Name} is of the model, and no {_model.Name} is named; leave it out.");

    /// <summary>The model named for some embeddings, or null where none is; says what float32 loses of them under it.</summary>
    public BradleyTerryMlp? Read(ParseResult parsed, Output output, EmbeddingPool pool, CancellationToken cancellationToken)
    {
        BradleyTerryMlp? model = Read(parsed, output);
        if (model is { Standardisation: null } && pool.IsWide)
        {
            TrainingWords.LostInFloat32(output, pool, model, pool.Scan(cancellationToken));
        }

        return model;
    }

    /// <summary>Reads a model file; what it holds and the model does not need is said, and what is assumed of it.</summary>
    /// <exception cref="InputException">No reward model.</exception>
    public static BradleyTerryMlp Load(string path, Activation? activation, Output output)
    {
        try
        {
            return ModelFile.Load(path, activation, Say);
        }
        catch (UnknownActivationException)
        {
            Say($"{path} does not record the activation of its hidden layers: gelu is assumed. --activation says another.");
            return ModelFile.Load(path, Activation.Gelu, Say);
        }

        void Say(string word) => output.Error.WriteLine($"fisher: {word}");
    }
}
