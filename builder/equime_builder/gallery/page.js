"use strict";
(() => {
  const clips = [...document.querySelectorAll(".clip")];
  const players = new Map();

  // A video is made only when it is wanted, so that a page of a thousand clips stays light.
  function playerOf(clip) {
    if (!players.has(clip)) players.set(clip, makePlayer(clip));
    return players.get(clip);
  }

  function makePlayer(clip) {
    const link = clip.querySelector(".screen");
    const video = document.createElement("video");
    Object.assign(video, { src: link.href, muted: true, playsInline: true, preload: "auto" });
    video.poster = link.querySelector("img").src;
    video.setAttribute("aria-label", `Video, ${clip.dataset.emotion}, person ${clip.dataset.subject}`);
    const screen = document.createElement("div");
    screen.className = "screen";
    screen.append(video);
    link.replaceWith(screen);
    const player = { clip, video, fps: Number(clip.dataset.fps), frames: Number(clip.dataset.frames), loop: false };
    video.addEventListener("play", () => { pauseOthers(video); show(player); follow(player); });
    video.addEventListener("pause", () => show(player));
    video.addEventListener("seeked", () => show(player));
    video.addEventListener("ended", () => { if (player.loop) { seek(player, start(player)); play(video); } });
    video.addEventListener("error", () => {
      clip.querySelector(".clock").textContent = "This browser cannot play this clip; open its file in a video player.";
    });
    screen.addEventListener("click", () => act(clip, "play"));
    return player;
  }

  const start = (player) => Number(player.clip.dataset.start);
  const stop = (player) => Number(player.clip.dataset.stop);
  const frameOf = (player) => Math.min(player.frames - 1, Math.floor(player.video.currentTime * player.fps + 1e-3));

  // The middle of a frame's time: its edge may show the frame before it.
  function seek(player, frame) {
    player.video.currentTime = (Math.min(player.frames - 1, Math.max(0, frame)) + 0.5) / player.fps;
  }

  // A pause before the first picture, or a file that cannot be played, rejects; both are shown by their own events.
  function play(video) {
    video.play().catch(() => {});
  }

  function pauseOthers(video) {
    for (const other of players.values()) if (other.video !== video) other.video.pause();
  }

  function follow(player) {
    if (player.video.paused) return;
    const frame = frameOf(player);
    if (player.loop && !player.video.seeking && (frame > stop(player) || frame < start(player))) seek(player, start(player));
    show(player);
    requestAnimationFrame(() => follow(player));
  }

  function show(player) {
    const { clip, video } = player;
    if (video.error) return;
    const frame = frameOf(player);
    clip.querySelector(".clock").textContent = `frame ${frame} of ${player.frames - 1}`;
    clip.querySelector('[data-do="play"]').textContent = video.paused ? "Play" : "Pause";
    press(clip, "loop", player.loop);
    press(clip, "slow", video.playbackRate < 1);
    const drawing = clip.querySelector("svg");
    const { first, last, step } = drawing.dataset;
    const line = drawing.querySelector(".now");
    line.setAttribute("transform", `translate(${(frame - first) * step} 0)`);
    line.style.visibility = frame >= first && frame <= last ? "visible" : "hidden";
  }

  function press(clip, action, on) {
    clip.querySelector(`[data-do="${action}"]`)?.setAttribute("aria-pressed", String(on));
  }

  const actions = {
    play: ({ video }) => { if (video.paused) play(video); else video.pause(); },
    slow: ({ video }) => { video.playbackRate = video.playbackRate < 1 ? 1 : 0.25; },
    back: (player) => step(player, -1),
    on: (player) => step(player, 1),
    loop: (player) => {
      if (player.clip.dataset.start === undefined) return;
      player.loop = !player.loop;
      player.video.playbackRate = player.loop ? 0.25 : 1;
      if (player.loop) { seek(player, start(player)); play(player.video); }
    },
  };

  function step(player, by) {
    player.video.pause();
    seek(player, frameOf(player) + by);
  }

  function act(clip, action) {
    const player = playerOf(clip);
    actions[action](player);
    show(player);
  }

  function visible() { return clips.filter((clip) => !clip.hidden); }

  function move(clip, by) {
    const shown = visible();
    focus(shown[shown.indexOf(clip) + by]);
  }

  function focus(clip) {
    if (!clip) return;
    clip.focus({ preventScroll: true });
    clip.scrollIntoView({ block: "start" });
  }

  const keys = {
    " ": (clip) => act(clip, "play"),
    e: (clip) => act(clip, "loop"),
    s: (clip) => act(clip, "slow"),
    arrowleft: (clip) => act(clip, "back"),
    arrowright: (clip) => act(clip, "on"),
    j: (clip) => move(clip, 1),
    k: (clip) => move(clip, -1),
  };

  document.addEventListener("keydown", (event) => {
    const key = event.key.toLowerCase();
    const clip = event.target.closest(".clip");
    const own = event.target.closest("select, input, summary, svg") || (event.key === " " && event.target.closest("button, a"));
    if (!keys[key] || own || event.ctrlKey || event.metaKey || event.altKey) return;
    if (clip) keys[key](clip);
    else if (key === "j" || key === "k") focus(visible()[0]);
    else return;
    event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    const link = event.target.closest("a.screen");
    if (!button && !link) return;
    if (link && (event.ctrlKey || event.metaKey || event.shiftKey)) return;
    event.preventDefault();
    const clip = event.target.closest(".clip");
    act(clip, button ? button.dataset.do : "play");
    if (link) clip.querySelector('[data-do="play"]').focus({ preventScroll: true });
  });

  const form = document.querySelector(".filters");
  function filter() {
    const wanted = [...new FormData(form)].filter(([, value]) => value);
    for (const clip of clips) {
      clip.hidden = wanted.some(([name, value]) => !(clip.dataset[name] ?? "").split(name === "aus" ? " " : "\n").includes(value));
      if (clip.hidden) players.get(clip)?.video.pause();
    }
    for (const section of document.querySelectorAll(".emotion")) {
      section.hidden = !section.querySelector(".clip:not([hidden])");
    }
    const count = visible().length;
    form.querySelector("output").textContent = `${count.toLocaleString("en")} ${count === 1 ? "clip" : "clips"}`;
  }
  form.addEventListener("change", filter);
  form.addEventListener("reset", () => setTimeout(filter));
  form.addEventListener("submit", (event) => event.preventDefault());

  // Charts: every panel is in the page already; a choice only says which one is seen.
  const choices = document.querySelector(".choices");
  function choose() {
    for (const [kind, name] of new FormData(choices)) {
      for (const panel of document.querySelectorAll(`.panel[data-kind="${kind}"]`)) panel.hidden = panel.dataset.name !== name;
      if (kind !== "panel") continue;
      for (const dot of document.querySelectorAll(".dot")) dot.classList.toggle("dim", name !== "all" && dot.dataset.emotion !== name);
    }
  }
  choices.addEventListener("change", choose);
  choices.addEventListener("submit", (event) => event.preventDefault());

  // A name in a chart chooses clips, a dot leads to its clip.
  document.querySelector(".charts").addEventListener("click", (event) => {
    const name = event.target.closest("[data-pick]");
    const dot = event.target.closest(".dot");
    if (name) {
      event.preventDefault();
      form.reset();
      form.elements[name.dataset.pick].value = name.dataset.value;
      filter();
      form.scrollIntoView();
      form.elements[name.dataset.pick].focus({ preventScroll: true });
    } else if (dot) {
      form.reset();
      filter();
      focus(clips.find((clip) => clip.dataset.clip === dot.dataset.clip));
    }
  });

  choices.hidden = false;
  form.hidden = false;
  for (const controls of document.querySelectorAll(".controls")) controls.hidden = false;
})();
