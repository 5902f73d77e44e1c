//! Traces of transactions and of calls.

use serde_json::Value;

use super::params::{Params, field, number};
use super::{RpcError, Server, script};
use crate::chain::execute::Ran;
use crate::trace::{MOST_STEPS, StepOptions, Tracer};

/// The tracers, by the names that clients know.
#[derive(Clone, Copy, Debug)]
enum Form {
    Stylus,
    Calls,
    Steps(StepOptions),
}

impl Form {
    fn of(config: &Value) -> Result<Self, RpcError> {
        match config["tracer"].as_str() {
            Some("stylusTracer") => Ok(Self::Stylus),
            Some("callTracer") => Ok(Self::Calls),
            Some(text) if script::asks_for_host_calls(text) => Ok(Self::Stylus),
            None | Some("") => Ok(Self::Steps(options(config)?)),
            Some(other) => {
                let name: String = other.chars().take(80).collect();
                let known = "stylusTracer, callTracer, inkProfiler (of mined transactions), and the default one of EVM instructions";
                Err(RpcError::refused(format!("unknown tracer {name}; there are {known}")))
            }
        }
    }

    fn tracer(self) -> Tracer {
        match self {
            Self::Stylus | Self::Calls => Tracer::default(),
            Self::Steps(options) => Tracer::with_steps(options),
        }
    }

    fn show(self, ran: Ran) -> Value {
        let tracer = ran.tracer.unwrap_or_default();
        match self {
            Self::Stylus => tracer.stylus_trace(),
            Self::Calls => tracer.call_trace(),
            Self::Steps(_) => tracer.struct_trace(ran.result.tx_gas_used()),
        }
    }
}

/// The options of the default tracer; older clients turn things off, newer ones on.
fn options(config: &Value) -> Result<StepOptions, RpcError> {
    let Value::Object(fields) = config else { return Ok(StepOptions::default()) };
    let flag = |name: &str| {
        field(fields, &[name], |value| {
            value.as_bool().ok_or_else(|| RpcError::invalid_params(format!("{name} is no boolean")))
        })
    };
    let limit = field(fields, &["limit"], number)?.filter(|limit| *limit > 0);
    Ok(StepOptions {
        stack: !flag("disableStack")?.unwrap_or(false),
        storage: !flag("disableStorage")?.unwrap_or(false),
        memory: match (flag("enableMemory")?, flag("disableMemory")?) {
            (Some(on), _) => on,
            (None, Some(off)) => !off,
            (None, None) => false,
        },
        return_data: flag("enableReturnData")?.unwrap_or(false),
        limit: limit.map_or(MOST_STEPS, |limit| usize::try_from(limit).unwrap_or(MOST_STEPS).min(MOST_STEPS)),
    })
}

/// `debug_traceTransaction`.
pub(super) fn transaction(server: &Server, params: &Params) -> Result<Value, RpcError> {
    if params.at(1)["tracer"] == "inkProfiler" {
        return Ok(server.chain.profile(params.hash(0)?)?);
    }
    let form = Form::of(params.at(1))?;
    Ok(form.show(server.chain.rerun(params.hash(0)?, form.tracer())?))
}

/// `debug_traceCall`.
pub(super) fn call(server: &Server, params: &Params) -> Result<Value, RpcError> {
    let config = params.at(2);
    let form = Form::of(config)?;
    let overrides = Params::new(vec![config["stateOverrides"].clone(), config["blockOverrides"].clone()]);
    let (request, at) = (params.call(0)?, params.block(1)?);
    Ok(form.show(server.chain.trace_call(&request, at, &overrides.overrides(0)?, form.tracer())?))
}
