using FisherKernels.Bench;

return await DeviceCommandLine.RunAsync(args, Console.Out, Console.Error);
