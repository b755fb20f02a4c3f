"""Interactive pictures, one function each; they compose a Stage, descend and the knobs."""

from lessons.scenes.adam.l2_against_adamw import l2_against_adamw
from lessons.scenes.adam.rare_gradient import rare_gradient
from lessons.scenes.adam.step_lengths import step_lengths
from lessons.scenes.adaptive.effective_rates import effective_rates
from lessons.scenes.adaptive.moving_minimum import moving_minimum
from lessons.scenes.adaptive.rotation import rotation
from lessons.scenes.adaptive.settling import settling
from lessons.scenes.clipping.after_spike import after_spike
from lessons.scenes.clipping.cliff import cliff
from lessons.scenes.clipping.norm_log import norm_log
from lessons.scenes.clipping.unrolled import unrolled
from lessons.scenes.clipping.votes import votes
from lessons.scenes.gradient_descent.held import held
from lessons.scenes.gradient_descent.moving_limit import moving_limit
from lessons.scenes.gradient_descent.two_vs import two_vs
from lessons.scenes.implicit_bias.edge import edge
from lessons.scenes.implicit_bias.line_of_minima import line_of_minima
from lessons.scenes.implicit_bias.valley import valley
from lessons.scenes.implicit_bias.which_direction import which_direction
from lessons.scenes.kronecker.layer_fisher import layer_fisher
from lessons.scenes.kronecker.levelling import levelling
from lessons.scenes.kronecker.price_of_step import price_of_step
from lessons.scenes.kronecker.turned_axes import turned_axes
from lessons.scenes.learning_rate.mistakes import mistakes
from lessons.scenes.learning_rate.range_test import range_test
from lessons.scenes.learning_rate.same_path import same_path
from lessons.scenes.learning_rate.u_curves import u_curves
from lessons.scenes.microscope.scene import microscope
from lessons.scenes.momentum.instalments import instalments
from lessons.scenes.momentum.rate_map import rate_map
from lessons.scenes.momentum.shrink import shrink
from lessons.scenes.momentum.velocity_sum import velocity_sum
from lessons.scenes.natural.apart import apart
from lessons.scenes.natural.clip_or_kl import clip_or_kl
from lessons.scenes.natural.two_charts import two_charts
from lessons.scenes.newcomers.clip_share import clip_share
from lessons.scenes.newcomers.league_board import league_board
from lessons.scenes.newcomers.three_points import three_points
from lessons.scenes.newcomers.twins import twins
from lessons.scenes.newton.backtracking import backtracking
from lessons.scenes.newton.basins import basins
from lessons.scenes.newton.touching_parabola import touching_parabola
from lessons.scenes.quasi_newton.model_ellipse import model_ellipse
from lessons.scenes.quasi_newton.noisy_pair import noisy_pair
from lessons.scenes.quasi_newton.secant import secant
from lessons.scenes.quasi_newton.trust_circle import trust_circle
from lessons.scenes.quasi_newton.two_conditions import two_conditions
from lessons.scenes.quasi_newton.two_loops import two_loops
from lessons.scenes.race.one_step import one_step
from lessons.scenes.race.race import race
from lessons.scenes.race.rescaled_loss import rescaled_loss
from lessons.scenes.race.who_wins import who_wins
from lessons.scenes.sam.bouncing import bouncing
from lessons.scenes.sam.moved import moved
from lessons.scenes.sam.worst_point import worst_point
from lessons.scenes.schedules.one_run import one_run
from lessons.scenes.schedules.schedule_builder import schedule_builder
from lessons.scenes.schedules.warmup_transformer import warmup_transformer
from lessons.scenes.sgd.agree import agree
from lessons.scenes.sgd.batch_bill import batch_bill
from lessons.scenes.sgd.noise_cloud import noise_cloud
from lessons.scenes.sgd.poll import poll
from lessons.scenes.sgd.ways_down import ways_down

__all__ = [
    "after_spike",
    "agree",
    "apart",
    "backtracking",
    "basins",
    "bouncing",
    "batch_bill",
    "cliff",
    "clip_or_kl",
    "edge",
    "clip_share",
    "effective_rates",
    "held",
    "instalments",
    "l2_against_adamw",
    "layer_fisher",
    "levelling",
    "line_of_minima",
    "league_board",
    "microscope",
    "mistakes",
    "model_ellipse",
    "moved",
    "moving_limit",
    "moving_minimum",
    "one_run",
    "one_step",
    "noise_cloud",
    "noisy_pair",
    "norm_log",
    "poll",
    "price_of_step",
    "race",
    "range_test",
    "rare_gradient",
    "rate_map",
    "rescaled_loss",
    "rotation",
    "same_path",
    "schedule_builder",
    "secant",
    "settling",
    "shrink",
    "step_lengths",
    "three_points",
    "touching_parabola",
    "trust_circle",
    "two_conditions",
    "two_charts",
    "turned_axes",
    "twins",
    "two_loops",
    "two_vs",
    "u_curves",
    "unrolled",
    "valley",
    "velocity_sum",
    "votes",
    "ways_down",
    "warmup_transformer",
    "which_direction",
    "who_wins",
    "worst_point",
]
